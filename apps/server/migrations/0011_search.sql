-- The search index: one row a dataset, derived from it, written in the same transaction; a job fills what is missing.

create table dataset_search (
  dataset_id uuid primary key references dataset,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  published boolean not null,
  -- state of the pending version where nothing is live yet
  pending text collate "C",
  updated_at timestamptz not null,
  share text not null collate "C",
  open text not null collate "C",
  format text not null collate "C",
  cycle text not null collate "C",
  -- folded texts, one a line, with a line end before the first and after the last; and the same cut into words by '|'
  title text not null collate "C",
  title_words text not null collate "C",
  items text not null collate "C",
  item_words text not null collate "C",
  rest text not null collate "C",
  -- what the row was made by and from: where one differs from now, the row is made anew
  scheme integer not null,
  dataset_version integer not null,
  department_version integer not null
);
create index dataset_search_order on dataset_search (updated_at desc, dataset_id desc);
comment on table dataset_search is '目录检索 index, derived from the datasets';

-- All signs, and all pairs of neighbouring signs of one line. A text that holds a word holds the word's pairs, so an
-- index over them loses nothing; for words of one or two signs it also finds nothing too much.
create function huitong_grams(variadic texts text[]) returns text[]
language sql immutable parallel safe
as $$
  select array(select distinct g
    from (select sign, sign || lead(sign) over (order by at) as pair
      from unnest(string_to_array(array_to_string(texts, E'\n'), null)) with ordinality as signs (sign, at)) as pairs
    cross join lateral (values (sign), (pair)) as grams (g)
    where g is not null and position(E'\n' in g) = 0)
$$;
create index dataset_search_grams on dataset_search using gin (huitong_grams(title, items, rest)) with (fastupdate = off);
-- Making the pairs is what ANALYZE would spend its time on.
alter table dataset_search alter dataset_id set statistics 10, alter jurisdiction set statistics 10,
  alter department_id set statistics 10, alter published set statistics 10, alter pending set statistics 10,
  alter updated_at set statistics 10, alter share set statistics 10, alter open set statistics 10,
  alter format set statistics 10, alter cycle set statistics 10, alter title set statistics 0,
  alter title_words set statistics 0, alter items set statistics 0, alter item_words set statistics 0,
  alter rest set statistics 0, alter scheme set statistics 10, alter dataset_version set statistics 10,
  alter department_version set statistics 10;
alter index dataset_search_grams alter column 1 set statistics 10;

-- Where the pairs stand. Row-level security keeps an operator that is not leakproof from using an index, so the places
-- are looked up by the owner, and the caller reads the rows at these places under its own row-level security.
create function huitong_search_places(grams text[]) returns tid[]
language sql stable security definer
set search_path from current
as $$
  select array_agg(ctid) from dataset_search where huitong_grams(title, items, rest) @> grams
$$;
revoke execute on function huitong_search_places(text[]) from public;

alter table dataset_search enable row level security;
-- The settings are read once a query, not once a row. Not forced on the owner, as whom huitong_search_places reads.
create policy dataset_search_read on dataset_search for select using (
  (select current_setting('huitong.scope', true)) = 'system'
  or (jurisdiction = (select current_setting('huitong.jurisdiction', true))
    and ((select current_setting('huitong.scope', true)) = 'jurisdiction'
      or ((select current_setting('huitong.scope', true)) = 'department'
        and (published or department_id = (select nullif(current_setting('huitong.department', true), '')::uuid))))));
create policy dataset_search_insert on dataset_search for insert with check (huitong_sees(jurisdiction, department_id));
create policy dataset_search_update on dataset_search for update using (huitong_sees(jurisdiction, department_id));
