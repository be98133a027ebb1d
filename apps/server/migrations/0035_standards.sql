-- Standards: code sets with versions, data elements (GB/T 18391) with versions, and which items are bound to them.

create table code_set (
  id uuid primary key,
  jurisdiction text not null collate "C",
  code text not null collate "C",
  name jsonb not null,
  source text not null,
  -- national tables come with the platform; they are not changed here
  national boolean not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  unique (jurisdiction, code)
);
comment on table code_set is '代码集';

create table code_set_version (
  code_set_id uuid not null references code_set,
  -- in the order in which they were added
  number integer not null,
  label text not null collate "C",
  -- [{code, name}]
  codes jsonb not null,
  valid_from date,
  added_at timestamptz not null,
  primary key (code_set_id, number),
  unique (code_set_id, label)
);
comment on table code_set_version is 'versions of code sets: never changed, so that what was judged by one can be judged again';

create table data_element (
  id uuid primary key,
  jurisdiction text not null collate "C",
  identifier text not null collate "C",
  content jsonb not null,
  state text not null check (state in ('in_force', 'retired')),
  national boolean not null,
  updated_at timestamptz not null,
  version integer not null default 1,
  unique (jurisdiction, identifier)
);
comment on table data_element is '数据元';

create table data_element_version (
  element_id uuid not null references data_element,
  number integer not null,
  content jsonb not null,
  at timestamptz not null,
  primary key (element_id, number)
);
comment on table data_element_version is 'versions of data elements';

create table item_binding (
  dataset_id uuid not null references dataset,
  -- code of the item
  item text not null collate "C",
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  element_id uuid references data_element,
  -- a code set without an element, or in place of the element's
  code_set_id uuid references code_set,
  code_set_label text collate "C",
  bound_by uuid not null references person,
  bound_at timestamptz not null,
  primary key (dataset_id, item),
  check (element_id is not null or code_set_id is not null),
  check ((code_set_id is null) = (code_set_label is null))
);
create index item_binding_element on item_binding (element_id);
comment on table item_binding is '落标: items bound to data elements and code sets';

alter table code_set enable row level security;
alter table code_set force row level security;
create policy code_set_read on code_set for select using (huitong_within(jurisdiction));
create policy code_set_write on code_set for all using (huitong_sees(jurisdiction, variadic '{}'::uuid[]));
alter table code_set_version enable row level security;
alter table code_set_version force row level security;
create policy code_set_version_read on code_set_version for select
  using (exists (select from code_set s where s.id = code_set_id));
create policy code_set_version_write on code_set_version for all
  using (exists (select from code_set s where s.id = code_set_id and huitong_sees(s.jurisdiction, variadic '{}'::uuid[])));
alter table data_element enable row level security;
alter table data_element force row level security;
create policy data_element_read on data_element for select using (huitong_within(jurisdiction));
create policy data_element_write on data_element for all using (huitong_sees(jurisdiction, variadic '{}'::uuid[]));
alter table data_element_version enable row level security;
alter table data_element_version force row level security;
create policy data_element_version_read on data_element_version for select
  using (exists (select from data_element e where e.id = element_id));
create policy data_element_version_write on data_element_version for all
  using (exists (select from data_element e where e.id = element_id and huitong_sees(e.jurisdiction, variadic '{}'::uuid[])));
alter table item_binding enable row level security;
alter table item_binding force row level security;
create policy item_binding_all on item_binding using (huitong_sees(jurisdiction, department_id));

-- Roles of a platform that is already at work get the new permission; they stay editable data.
update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values ('data_centre', array['standard.manage'])) n (name, more)
where r.name = n.name;
