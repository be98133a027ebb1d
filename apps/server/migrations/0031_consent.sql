-- The department's written consent to the direct reading of a business database, as it was signed; never changed, a new one is a
-- new row.

create table source_consent (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  source_id uuid not null references data_source,
  number text not null,
  signed_by text not null,
  -- days of the region, both included
  valid_from date not null,
  valid_until date not null,
  file_name text not null,
  media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
  sha256 text not null collate "C",
  bytes integer not null,
  uploaded_by uuid not null references person,
  created_at timestamptz not null,
  check (valid_until >= valid_from)
);
comment on table source_consent is '书面同意';
create index source_consent_source on source_consent (source_id, created_at desc);
alter table source_consent enable row level security;
alter table source_consent force row level security;
create policy source_consent_all on source_consent using (huitong_within(jurisdiction));
