-- How often the mapping of a channel was changed; each change asks for a new copy.

alter table channel add column mapping_version integer not null default 1;
