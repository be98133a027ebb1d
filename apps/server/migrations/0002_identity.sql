-- Regions, departments, people, roles, sessions.

create table region (
  code text primary key collate "C" check (code ~ '^\d{6}$'),
  name jsonb not null,
  level text not null check (level in ('province', 'prefecture', 'county')),
  parent text references region collate "C",
  valid_from date not null,
  valid_to date,
  source text not null
);
comment on table region is '行政区划 GB/T 2260, with validity';

create table department (
  id uuid primary key,
  jurisdiction text not null collate "C",
  division text not null references region collate "C",
  name jsonb not null,
  credit_code text not null collate "C" check (length(credit_code) = 18),
  parent_id uuid references department,
  kind text not null check (kind in ('department', 'bureau', 'data_centre', 'institution')),
  valid_from date not null,
  valid_to date,
  successor_id uuid references department,
  version integer not null default 1,
  check ((valid_to is null) = (successor_id is null))
);
create unique index department_credit_code on department (credit_code) where valid_to is null;
comment on table department is '部门; an abolished one names its successor';

create table person (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  account text not null collate "C" unique,
  name text not null,
  disabled boolean not null default false,
  version integer not null default 1
);
create index person_department on person (department_id);
comment on table person is '人员';

create table credential (
  person_id uuid primary key references person,
  -- argon2id in PHC form
  password text not null,
  changed_at timestamptz not null,
  earlier text[] not null default '{}',
  failures integer not null default 0,
  locked_until timestamptz
);
comment on table credential is 'password hashes, apart from people so that no list can reach them';

create table role (
  name text primary key collate "C",
  words jsonb not null,
  scope text not null check (scope in ('department', 'jurisdiction')),
  permissions text[] not null
);
comment on table role is '角色: sets of permissions, as data';

create table person_role (
  person_id uuid not null references person,
  role text not null references role collate "C",
  primary key (person_id, role)
);

create table session (
  token_hash bytea primary key,
  person_id uuid not null references person,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  agent text
);
create index session_person on session (person_id);
comment on table session is 'sessions by the hash of their token';

alter table department enable row level security;
alter table department force row level security;
create policy department_all on department using (huitong_within(jurisdiction));
alter table person enable row level security;
alter table person force row level security;
create policy person_all on person using (huitong_within(jurisdiction));
alter table credential enable row level security;
alter table credential force row level security;
create policy credential_own on credential
  using (exists (select from person p where p.id = person_id));
alter table person_role enable row level security;
alter table person_role force row level security;
create policy person_role_all on person_role using (exists (select from person p where p.id = person_id));
alter table session enable row level security;
alter table session force row level security;
create policy session_all on session using (exists (select from person p where p.id = person_id));
