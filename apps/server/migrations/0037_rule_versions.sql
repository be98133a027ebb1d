-- Versions of rule suites: each result can be read with the rules that it was made by.
create table rule_suite_version (
  suite_id uuid not null references rule_suite,
  version integer not null,
  rules jsonb not null,
  repair_working_days integer not null,
  by_person uuid not null references person,
  at timestamptz not null,
  primary key (suite_id, version)
);
comment on table rule_suite_version is 'versions of rule suites, never changed';
insert into rule_suite_version (suite_id, version, rules, repair_working_days, by_person, at)
  select id, version, rules, repair_working_days, updated_by, updated_at from rule_suite;
alter table rule_suite_version enable row level security;
alter table rule_suite_version force row level security;
create policy rule_suite_version_all on rule_suite_version
  using (exists (select from rule_suite s where s.id = suite_id));
