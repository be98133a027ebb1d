-- A subscriber to rare facts asks for the next of its types once a second: it must not read past all facts of other types.
create index event_by_type on event (type, xid, id);
