-- Datasets and their versions, requests, grants, obligations.

create table dataset (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  code text not null unique collate "C",
  official_code text unique collate "C",
  state text not null check (state in ('draft', 'published', 'withdrawn')),
  live_version integer,
  pending_version integer,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  published_at timestamptz,
  version integer not null default 1
);
create index dataset_order on dataset (updated_at desc, id);
comment on table dataset is '信息资源（目录）';

create table dataset_version (
  dataset_id uuid not null references dataset,
  number integer not null,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  state text not null check (state in ('draft', 'submitted', 'signed', 'published', 'returned', 'superseded')),
  content jsonb not null,
  name_zh text not null,
  opinion text,
  changed_at timestamptz not null,
  changed_by uuid references person,
  submitted_by uuid references person,
  signed_by uuid references person,
  published_by uuid references person,
  primary key (dataset_id, number)
);
create index dataset_version_state on dataset_version (state);
comment on table dataset_version is '目录版本: a pending one stands beside the live one';

create table data_item (
  dataset_id uuid not null references dataset,
  dataset_version integer not null,
  position integer not null,
  code text not null collate "C",
  name jsonb not null,
  type text not null,
  share_attribute text not null,
  level text not null,
  is_key boolean not null,
  primary key (dataset_id, dataset_version, code)
);
comment on table data_item is '信息项 of published versions';

create table number_sequence (
  prefix text primary key collate "C",
  last integer not null
);

create table distribution (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  dataset_id uuid not null references dataset,
  kind text not null check (kind in ('table', 'file', 'service')),
  source_id uuid not null references data_source,
  table_id uuid not null references source_table,
  mapping jsonb not null,
  schema_hash text not null,
  created_at timestamptz not null,
  unique (dataset_id, kind)
);
comment on table distribution is '资源挂接';

create table deadline_rule (
  jurisdiction text not null collate "C",
  code text not null collate "C",
  working_days integer not null,
  working_days_max integer not null,
  extension_max integer not null,
  words jsonb not null,
  source text not null,
  primary key (jurisdiction, code),
  check (working_days between 1 and working_days_max)
);
comment on table deadline_rule is '法定时限 rules: local values never above the statutory ceiling';

create table request_template (
  jurisdiction text not null collate "C",
  attribute text not null check (attribute in ('unconditional', 'conditional')),
  steps text[] not null,
  version integer not null default 1,
  primary key (jurisdiction, attribute)
);
comment on table request_template is '审批流程模板';

create table access_request (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  dataset_id uuid not null references dataset,
  dataset_version integer not null,
  applicant_department_id uuid not null references department,
  provider_department_id uuid not null references department,
  share_attribute text not null,
  content jsonb not null,
  answered_items text[],
  answer jsonb,
  steps text[] not null,
  step text,
  state text not null check (state in ('draft', 'running', 'supplement', 'agreed', 'refused', 'withdrawn', 'done')),
  reached_provider boolean not null default false,
  created_by uuid not null references person,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null default 1
);
create index access_request_order on access_request (created_at desc, id);
comment on table access_request is '共享申请';

create table request_decision (
  id bigint generated always as identity primary key,
  request_id uuid not null references access_request,
  step text not null,
  decision text not null check (decision in ('agree', 'refuse', 'return')),
  reason text,
  detail jsonb,
  person_id uuid not null references person,
  department_id uuid not null references department,
  at timestamptz not null,
  legal_at timestamptz not null
);
create index request_decision_request on request_decision (request_id, id);

create table access_grant (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  request_id uuid not null unique references access_request,
  dataset_id uuid not null references dataset,
  grantor_department_id uuid not null references department,
  grantee_department_id uuid not null references department,
  -- canonical JSON, exactly the bytes that were signed
  document text not null,
  signature bytea not null,
  key_id text not null,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  revoked_at timestamptz,
  version integer not null default 1
);
comment on table access_grant is '授权';

create table obligation (
  id uuid primary key,
  jurisdiction text not null collate "C",
  rule text not null,
  subject_kind text not null,
  subject_id uuid not null,
  department_id uuid not null references department,
  started_at timestamptz not null,
  due_at timestamptz not null,
  extended_to timestamptz,
  fulfilled_at timestamptz,
  cancelled_at timestamptz,
  overdue_at timestamptz,
  version integer not null default 1
);
create index obligation_open on obligation (due_at) where fulfilled_at is null and cancelled_at is null;
create index obligation_subject on obligation (subject_kind, subject_id);
comment on table obligation is '法定时限 that runs';

alter table dataset enable row level security;
alter table dataset force row level security;
create policy dataset_read on dataset for select using (huitong_within(jurisdiction));
create policy dataset_write on dataset for all using (huitong_sees(jurisdiction, department_id));
alter table dataset_version enable row level security;
alter table dataset_version force row level security;
create policy dataset_version_read on dataset_version for select
  using (huitong_sees(jurisdiction, department_id) or (state in ('published', 'superseded') and huitong_within(jurisdiction)));
create policy dataset_version_write on dataset_version for all using (huitong_sees(jurisdiction, department_id));
alter table distribution enable row level security;
alter table distribution force row level security;
create policy distribution_read on distribution for select using (huitong_within(jurisdiction));
create policy distribution_write on distribution for all using (huitong_sees(jurisdiction, department_id));
alter table access_request enable row level security;
alter table access_request force row level security;
create policy access_request_all on access_request
  using (huitong_sees(jurisdiction, applicant_department_id, provider_department_id));
alter table request_decision enable row level security;
alter table request_decision force row level security;
create policy request_decision_all on request_decision
  using (exists (select from access_request r where r.id = request_id));
alter table access_grant enable row level security;
alter table access_grant force row level security;
create policy access_grant_all on access_grant
  using (huitong_sees(jurisdiction, grantor_department_id, grantee_department_id));
alter table obligation enable row level security;
alter table obligation force row level security;
create policy obligation_all on obligation using (huitong_within(jurisdiction));
