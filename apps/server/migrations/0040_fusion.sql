-- Base libraries are fused: how, the runs, and what persons said of pairs of records.

create table fusion_settings (
  jurisdiction text not null collate "C",
  library text not null check (library in ('person', 'firm')),
  version integer not null,
  settings jsonb not null,
  updated_by uuid not null references person,
  updated_at timestamptz not null,
  primary key (jurisdiction, library)
);
comment on table fusion_settings is '融合定义';

create table fusion_run (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  library text not null check (library in ('person', 'firm')),
  -- whose grants the sources are read under
  department_id uuid not null references department,
  settings_version integer not null,
  -- its own copy of how it was made
  settings jsonb not null,
  state text not null check (state in ('queued', 'running', 'stopping', 'stopped', 'done', 'failed')),
  -- the day up to which birth dates of valid numbers lie
  as_of date not null,
  -- generation and changes of each source that was read
  read jsonb,
  figures jsonb,
  problem jsonb,
  requested_by uuid not null references person,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index fusion_run_order on fusion_run (library, created_at desc, id);
create unique index fusion_run_busy on fusion_run (jurisdiction, library) where state in ('queued', 'running', 'stopping');
comment on table fusion_run is '融合任务';

create table fusion_decision (
  id uuid primary key,
  jurisdiction text not null collate "C",
  library text not null check (library in ('person', 'firm')),
  run_id uuid not null references fusion_run,
  -- keyed digests of records; of two told apart, the first is the one that leaves
  one text not null collate "C",
  other text not null collate "C",
  verdict text not null check (verdict in ('same', 'different', 'later')),
  note text,
  decided_by uuid not null references person,
  decided_at timestamptz not null
);
create index fusion_decision_pair on fusion_decision (library, one, other);
comment on table fusion_decision is '融合复核: what persons said of two records, never changed; the latest counts';

alter table fusion_settings enable row level security;
alter table fusion_settings force row level security;
create policy fusion_settings_all on fusion_settings using (huitong_within(jurisdiction));
alter table fusion_run enable row level security;
alter table fusion_run force row level security;
create policy fusion_run_all on fusion_run using (huitong_within(jurisdiction));
alter table fusion_decision enable row level security;
alter table fusion_decision force row level security;
create policy fusion_decision_all on fusion_decision using (huitong_within(jurisdiction));
