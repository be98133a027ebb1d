-- Nodes, data sources, discovered tables, work leased to nodes.

create table node (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  name jsonb not null,
  enrolment_hash bytea,
  enrolment_expires_at timestamptz,
  signing_key bytea,
  sealing_key bytea,
  key_id text unique collate "C",
  version text,
  created_at timestamptz not null
);
comment on table node is '前置节点: an agent at a department';

create table node_presence (
  node_id uuid primary key references node,
  boot uuid not null,
  seen_at timestamptz not null
);
comment on table node_presence is 'technical: last sign of life of a node';

create table data_source (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  node_id uuid not null references node,
  name jsonb not null,
  kind text not null,
  settings jsonb not null,
  -- sealed box that only the node opens
  secrets bytea,
  usage text not null check (usage in ('provide', 'receive', 'both')),
  front_database boolean not null,
  consent text,
  created_at timestamptz not null,
  check (front_database or consent is not null)
);
comment on table data_source is '数据源';

create table source_table (
  id uuid primary key,
  source_id uuid not null references data_source,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  schema_name text not null collate "C",
  table_name text not null collate "C",
  comment text,
  suggested_name text,
  row_estimate numeric,
  key text[] not null,
  fields jsonb not null,
  schema_hash text not null,
  seen_at timestamptz not null,
  gone boolean not null default false,
  unique (source_id, schema_name, table_name)
);
comment on table source_table is '已探查的库表';

create table node_work (
  id uuid primary key,
  node_id uuid not null references node,
  kind text not null check (kind in ('discover', 'read', 'apply', 'reconcile', 'repair')),
  subject_kind text not null,
  subject_id uuid not null,
  input jsonb not null,
  state text not null check (state in ('queued', 'leased', 'done', 'failed', 'cancelled')),
  fence bigint not null default 0,
  boot uuid,
  lease_until timestamptz,
  progress jsonb,
  result jsonb,
  problem jsonb,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index node_work_open on node_work (node_id, created_at) where state in ('queued', 'leased');
create index node_work_subject on node_work (subject_kind, subject_id);
comment on table node_work is 'work for nodes: the truth about a run is here, with lease and fence';

alter table node enable row level security;
alter table node force row level security;
create policy node_all on node using (huitong_within(jurisdiction));
alter table data_source enable row level security;
alter table data_source force row level security;
create policy data_source_all on data_source using (huitong_within(jurisdiction));
alter table source_table enable row level security;
alter table source_table force row level security;
create policy source_table_all on source_table using (huitong_sees(jurisdiction, department_id));
