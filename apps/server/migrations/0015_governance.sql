-- Governance: rules of quality, checks, findings, work orders, correction applications, suspected violations.

create table rule_suite (
  id uuid primary key,
  jurisdiction text not null collate "C",
  dataset_id uuid not null unique references dataset,
  -- the provider, to whom findings go back
  department_id uuid not null references department,
  -- [{code, kind, parameters, name}]: a run keeps its own copy
  rules jsonb not null,
  repair_working_days integer not null check (repair_working_days between 1 and 60),
  updated_by uuid not null references person,
  updated_at timestamptz not null,
  version integer not null default 1
);
comment on table rule_suite is '规则';

create table check_run (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  suite_id uuid not null references rule_suite,
  dataset_id uuid not null references dataset,
  department_id uuid not null references department,
  -- recheck: only the rows of a work order
  kind text not null check (kind in ('full', 'recheck')),
  work_order_id uuid,
  suite_version integer not null,
  rules jsonb not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed')),
  -- the day that "today" means in rules
  as_of date not null,
  generation integer,
  changes integer,
  rows numeric,
  findings numeric,
  scans integer,
  milliseconds integer,
  key text[],
  total_score numeric(6, 3),
  problem jsonb,
  requested_by uuid references person,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index check_run_order on check_run (created_at desc, id);
create index check_run_queue on check_run (created_at) where state in ('queued', 'running');
comment on table check_run is '核验任务';

create table check_result (
  run_id uuid not null references check_run,
  position integer not null,
  code text not null collate "C",
  indicator text not null collate "C",
  judged numeric not null,
  broken numeric not null,
  primary key (run_id, position)
);
comment on table check_result is 'what each rule judged and found: A and B of GB/T 36344';

create table check_score (
  run_id uuid not null references check_run,
  dimension text not null collate "C",
  judged numeric not null,
  right_count numeric not null,
  -- 0 to 100; null where nothing was judged
  score numeric(6, 3),
  primary key (run_id, dimension)
);
comment on table check_score is 'scores in the six dimensions of GB/T 36344';

create table work_order (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  dataset_id uuid not null references dataset,
  department_id uuid not null references department,
  run_id uuid not null unique references check_run,
  state text not null check (state in ('open', 'rechecking', 'closed')),
  findings numeric not null,
  findings_open numeric not null,
  -- legal times
  opened_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz,
  created_by uuid not null references person,
  version integer not null default 1
);
alter table check_run add foreign key (work_order_id) references work_order;
create index work_order_order on work_order (opened_at desc, id);
comment on table work_order is '质量整改工单';

create table correction (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  dataset_id uuid not null references dataset,
  provider_department_id uuid not null references department,
  applicant_department_id uuid not null references department,
  item text not null collate "C",
  -- what was wrong in which record; personal data, shown to the two departments
  record text not null,
  reason text not null,
  state text not null check (state in ('submitted', 'corrected', 'rejected')),
  answer text,
  submitted_by uuid not null references person,
  answered_by uuid references person,
  -- legal times
  submitted_at timestamptz not null,
  due_at timestamptz not null,
  answered_at timestamptz,
  version integer not null default 1
);
create index correction_order on correction (submitted_at desc, id);
comment on table correction is '校核申请';

create table violation (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  obligation_id uuid not null unique references obligation,
  rule text not null collate "C",
  subject_kind text not null,
  subject_id uuid not null,
  subject_name text not null,
  state text not null check (state in ('suspected', 'stated', 'confirmed', 'dismissed')),
  statement text,
  stated_by uuid references person,
  decision text,
  decided_by uuid references person,
  -- legal times
  raised_at timestamptz not null,
  stated_at timestamptz,
  decided_at timestamptz,
  version integer not null default 1
);
create index violation_order on violation (raised_at desc, id);
comment on table violation is '疑似违规';

alter table rule_suite enable row level security;
alter table rule_suite force row level security;
create policy rule_suite_all on rule_suite using (huitong_sees(jurisdiction, department_id));
alter table check_run enable row level security;
alter table check_run force row level security;
create policy check_run_all on check_run using (huitong_sees(jurisdiction, department_id));
alter table check_result enable row level security;
alter table check_result force row level security;
create policy check_result_all on check_result using (exists (select from check_run r where r.id = run_id));
alter table check_score enable row level security;
alter table check_score force row level security;
create policy check_score_all on check_score using (exists (select from check_run r where r.id = run_id));
alter table work_order enable row level security;
alter table work_order force row level security;
create policy work_order_all on work_order using (huitong_sees(jurisdiction, department_id));
alter table correction enable row level security;
alter table correction force row level security;
create policy correction_all on correction
  using (huitong_sees(jurisdiction, provider_department_id, applicant_department_id));
alter table violation enable row level security;
alter table violation force row level security;
create policy violation_all on violation using (huitong_sees(jurisdiction, department_id));

-- Roles of a platform that is already at work get the new permissions; they stay editable data.
update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values
  ('data_officer', array['quality.read', 'finding.read', 'work_order.handle', 'correction.make', 'correction.answer']),
  ('department_head', array['quality.read', 'violation.state']),
  ('authority', array['quality.read', 'violation.decide']),
  ('data_centre', array['quality.read', 'quality.manage', 'finding.read']),
  ('operator', array['quality.read'])) n (name, more)
where r.name = n.name;
