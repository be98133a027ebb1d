-- It reads as its owner, so nothing that a caller puts before these schemas may be found first.
alter function huitong_search_places(text[]) set search_path = pg_catalog, public, pg_temp;
