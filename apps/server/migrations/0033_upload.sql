-- A file that a department puts into one of its sources by the portal. Its content is sealed to the source's node, frame by
-- frame, in the object store.

create table upload (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  source_id uuid not null references data_source,
  file_name text not null collate "C",
  bytes bigint not null check (bytes >= 0),
  -- what the sender said of the whole beforehand
  announced text collate "C",
  received bigint not null default 0 check (received between 0 and bytes),
  -- SHA-256 of the frames that are whole, one after the other
  frames bytea not null default '',
  state text not null check (state in ('receiving', 'kept', 'replaced', 'removed', 'refused', 'abandoned')),
  uploaded_by uuid not null references person,
  created_at timestamptz not null,
  touched_at timestamptz not null,
  ended_at timestamptz,
  -- when its frames were removed from the object store
  cleaned_at timestamptz
);
comment on table upload is '上传文件';
create unique index upload_name on upload (source_id, file_name) where state = 'kept';
create index upload_source on upload (source_id, created_at desc);
create index upload_open on upload (touched_at) where cleaned_at is null and state <> 'kept';
alter table upload enable row level security;
alter table upload force row level security;
create policy upload_all on upload using (huitong_within(jurisdiction));

-- Roles of a platform that is already at work get the new permission; they stay editable data.
update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values ('data_officer', array['source.upload'])) n (name, more)
where r.name = n.name;
