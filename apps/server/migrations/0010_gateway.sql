-- Services made from landed tables, their openings under grants, applications, calls and their evidence.

create table service (
  id uuid primary key,
  code text not null unique collate "C",
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  dataset_id uuid not null references dataset,
  channel_id uuid not null unique references channel,
  provider_department_id uuid not null references department,
  name jsonb not null,
  description text,
  -- what can be asked for, as the channel landed it: items with name and type, and those of the key
  items jsonb not null,
  key text[] not null,
  state text not null check (state in ('running', 'stopped')),
  created_at timestamptz not null,
  version integer not null default 1
);
create index service_order on service (created_at desc, id);
comment on table service is '共享接口: made from a landed table without code';

create table service_opening (
  id uuid primary key,
  jurisdiction text not null collate "C",
  service_id uuid not null references service,
  grant_id uuid not null unique references access_grant,
  department_id uuid not null references department,
  provider_department_id uuid not null references department,
  matter_code text not null collate "C",
  per_second_max integer not null check (per_second_max > 0),
  per_day_max integer not null check (per_day_max > 0),
  total_max numeric check (total_max > 0),
  suspended_at timestamptz,
  suspended_reason text,
  created_at timestamptz not null,
  version integer not null default 1
);
create index service_opening_service on service_opening (service_id, department_id);
comment on table service_opening is '开通: a service under one grant';

create table application (
  id uuid primary key,
  app_id text not null unique collate "C",
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  name text not null,
  -- envelope-encrypted; shown to its maker once
  secret bytea not null,
  secret_at timestamptz not null,
  created_by uuid not null references person,
  created_at timestamptz not null,
  revoked_at timestamptz,
  version integer not null default 1
);
comment on table application is '应用凭证 of a using system';

-- Technical: counters behind the quotas, shared by all server processes. `slot` is the second or the day that `calls` counts.
create table service_use (
  opening_id uuid not null references service_opening,
  span text not null check (span in ('second', 'day', 'total')),
  slot bigint not null,
  calls bigint not null,
  rows bigint not null,
  primary key (opening_id, span)
);
comment on table service_use is 'technical: use of quotas';

-- One row per call that was answered under a known application. No parameters, no values: `query_digest` is keyed.
create table service_call (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  minute timestamptz not null,
  jurisdiction text not null collate "C",
  application_id uuid not null references application,
  department_id uuid not null references department,
  service_id uuid references service,
  opening_id uuid references service_opening,
  provider_department_id uuid references department,
  matter_code text not null collate "C",
  outcome text not null collate "C",
  rows bigint not null,
  request_id text not null,
  query_digest bytea not null,
  salt bytea not null check (octet_length(salt) = 16),
  root_id uuid
);
create index service_call_open on service_call (minute) where root_id is null;
create index service_call_root on service_call (root_id, id) where root_id is not null;
comment on table service_call is '接口调用';

-- Calls whose caller could not be told (no or wrong signature, unknown application) or that were refused again and
-- again over quota: counted a minute, without rows of their own.
create table service_refusal (
  minute timestamptz not null,
  jurisdiction text not null collate "C",
  service_id uuid references service,
  application_id uuid references application,
  department_id uuid references department,
  provider_department_id uuid references department,
  matter_code text collate "C",
  outcome text not null collate "C",
  calls bigint not null,
  unique nulls not distinct (minute, service_id, application_id, matter_code, outcome)
);
comment on table service_refusal is 'refused calls that have no row of their own, by minute';

-- The evidence of calls: one Merkle root a minute, application and service; the audit row of the act commits to it.
create table call_root (
  id uuid primary key,
  jurisdiction text not null collate "C",
  minute timestamptz not null,
  application_id uuid not null references application,
  department_id uuid not null references department,
  service_id uuid references service,
  provider_department_id uuid references department,
  root bytea not null check (octet_length(root) = 32),
  calls bigint not null,
  made_at timestamptz not null
);
create index call_root_minute on call_root (minute);
comment on table call_root is '调用存证: Merkle roots over salted leaves';

-- Sums of sealed calls by minute and by all that the statistics ask for.
create table call_count (
  root_id uuid not null references call_root,
  minute timestamptz not null,
  jurisdiction text not null collate "C",
  application_id uuid not null references application,
  department_id uuid not null references department,
  service_id uuid references service,
  provider_department_id uuid references department,
  matter_code text not null collate "C",
  outcome text not null collate "C",
  calls bigint not null,
  rows bigint not null
);
create index call_count_minute on call_count (minute);
comment on table call_count is '接口调用统计 by minute';

alter table service enable row level security;
alter table service force row level security;
create policy service_read on service for select using (huitong_within(jurisdiction));
create policy service_write on service for all using (huitong_sees(jurisdiction, department_id));
alter table service_opening enable row level security;
alter table service_opening force row level security;
create policy service_opening_all on service_opening
  using (huitong_sees(jurisdiction, department_id, provider_department_id));
alter table application enable row level security;
alter table application force row level security;
create policy application_all on application using (huitong_sees(jurisdiction, department_id));
alter table service_use enable row level security;
alter table service_use force row level security;
create policy service_use_all on service_use using (exists (select from service_opening o where o.id = opening_id));
alter table service_call enable row level security;
alter table service_call force row level security;
create policy service_call_all on service_call
  using (huitong_sees(jurisdiction, department_id, provider_department_id));
alter table service_refusal enable row level security;
alter table service_refusal force row level security;
create policy service_refusal_all on service_refusal
  using (huitong_sees(jurisdiction, department_id, provider_department_id));
alter table call_root enable row level security;
alter table call_root force row level security;
create policy call_root_all on call_root
  using (huitong_sees(jurisdiction, department_id, provider_department_id));
alter table call_count enable row level security;
alter table call_count force row level security;
create policy call_count_all on call_count
  using (huitong_sees(jurisdiction, department_id, provider_department_id));

update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values
  ('data_officer', array['service.read', 'service.call.read']),
  ('department_head', array['service.read', 'service.call.read']),
  ('authority', array['service.read', 'service.call.read']),
  ('data_centre', array['service.read', 'service.call.read', 'service.manage']),
  ('operator', array['service.read', 'service.call.read']),
  ('developer', array['service.read', 'service.credential', 'service.call.read'])) n (name, more)
where r.name = n.name;
