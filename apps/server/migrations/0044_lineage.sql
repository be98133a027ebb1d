-- Steps of other systems, as they were reported by OpenLineage: what a job read and wrote, column by column.

create table lineage_job (
  id uuid primary key,
  jurisdiction text not null collate "C",
  -- Who reported it; names of jobs are each department's own.
  department_id uuid not null references department,
  namespace text not null collate "C",
  name text not null collate "C",
  run_id uuid not null,
  event_type text not null,
  event_at timestamptz not null,
  -- [{namespace, name, box, columns}]; outputs also [{..., fields: [{column, from: [{input, column, way, masking}]}], rows: [...]}]
  inputs jsonb not null,
  outputs jsonb not null,
  -- Datasets of the catalogue and names of others, to find the next step by.
  in_datasets uuid[] not null,
  out_datasets uuid[] not null,
  in_names text[] not null collate "C",
  out_names text[] not null collate "C",
  reported_by uuid not null references person,
  updated_at timestamptz not null
);
-- Not unique: a department that takes over another may get a second job of a name; the next report goes to the newest.
create index lineage_job_name on lineage_job (department_id, namespace, name);
create index lineage_job_in on lineage_job using gin (in_datasets);
create index lineage_job_out on lineage_job using gin (out_datasets);
create index lineage_job_in_names on lineage_job using gin (in_names);
create index lineage_job_out_names on lineage_job using gin (out_names);
comment on table lineage_job is '外部血缘步骤: steps of other systems, as reported';

alter table lineage_job enable row level security;
alter table lineage_job force row level security;
create policy lineage_job_all on lineage_job using (huitong_sees(jurisdiction, department_id));
