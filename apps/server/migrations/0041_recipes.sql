-- Cleaning: recipes over landed datasets, their versions, and runs that make the governed tables.

create table recipe (
  id uuid primary key,
  jurisdiction text not null collate "C",
  dataset_id uuid not null unique references dataset,
  -- whose data it is
  department_id uuid not null references department,
  -- [{kind, parameters}]: a run keeps its own copy
  steps jsonb not null,
  -- [{given, made}]: tested whenever the recipe is kept
  examples jsonb not null,
  updated_by uuid not null references person,
  updated_at timestamptz not null,
  version integer not null default 1
);
comment on table recipe is '清洗方案';

create table recipe_version (
  recipe_id uuid not null references recipe,
  version integer not null,
  steps jsonb not null,
  examples jsonb not null,
  by_person uuid not null references person,
  at timestamptz not null,
  primary key (recipe_id, version)
);
comment on table recipe_version is 'versions of recipes, never changed';

create table recipe_run (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  recipe_id uuid not null references recipe,
  recipe_version integer not null,
  dataset_id uuid not null references dataset,
  department_id uuid not null references department,
  steps jsonb not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'undone')),
  -- the landed data that it was made from
  generation integer,
  changes integer,
  rows numeric,
  -- rows that are left, and of these the rows that some step changed
  rows_left numeric,
  rows_changed numeric,
  step_rows jsonb,
  bytes bigint,
  milliseconds integer,
  problem jsonb,
  requested_by uuid not null references person,
  created_at timestamptz not null,
  finished_at timestamptz,
  undone_by uuid references person,
  undone_at timestamptz
);
create index recipe_run_order on recipe_run (recipe_id, created_at desc, id);
comment on table recipe_run is 'runs of recipes; the newest that is done is the governed table';

alter table recipe enable row level security;
alter table recipe force row level security;
create policy recipe_all on recipe using (huitong_sees(jurisdiction, department_id));
alter table recipe_version enable row level security;
alter table recipe_version force row level security;
create policy recipe_version_all on recipe_version using (exists (select from recipe r where r.id = recipe_id));
alter table recipe_run enable row level security;
alter table recipe_run force row level security;
create policy recipe_run_all on recipe_run using (huitong_sees(jurisdiction, department_id));
