-- Exchange marks of front tables: what was taken is marked in the push table, and cleaned by the department's policy.

alter table node_work drop constraint node_work_kind_check;
alter table node_work add constraint node_work_kind_check
  check (kind in ('discover', 'read', 'apply', 'reconcile', 'repair', 'capture', 'slot', 'release', 'mark'));

-- The last reading of a followed table that listed all of its unmarked rows and was applied: {stream, generation, at, readAt, marked};
-- `at` is of the source's clock.
alter table channel add column taken jsonb;

create table front_table (
  distribution_id uuid primary key references distribution,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  -- the figures are of this table
  table_id uuid not null references source_table,
  -- null: never
  clean_after_days integer check (clean_after_days between 1 and 3650),
  -- {marked, unmarked, oldest}, as the node counted
  in_table jsonb,
  cleaned numeric not null default 0,
  looked_at timestamptz,
  marked_at timestamptz,
  cleaned_at timestamptz,
  work_id uuid references node_work,
  problem jsonb,
  next_at timestamptz not null,
  version integer not null default 1
);
comment on table front_table is '前置推送表的标记与清理';
alter table front_table enable row level security;
alter table front_table force row level security;
create policy front_table_all on front_table using (huitong_sees(jurisdiction, department_id));
