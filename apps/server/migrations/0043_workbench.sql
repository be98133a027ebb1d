-- Analysis: questions in SQL over the centre's tables, and those that people keep.

create table question (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  person_id uuid not null references person,
  text text not null,
  -- [{layer, name, channelId, runId, columns: [{name, mask}]}]: what the person could see of the tables that the text names
  tables jsonb not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'stopping', 'stopped')),
  -- [{at, zh, en}]
  faults jsonb not null default '[]',
  -- rows of the answer that is kept; bytes null: no answer is kept
  rows integer,
  more boolean not null default false,
  bytes bigint,
  milliseconds integer,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index question_order on question (person_id, created_at desc, id);
create index question_open on question (created_at) where state in ('queued', 'running', 'stopping');
-- One at a time for a person: it holds the engine for up to a minute.
create unique index question_of_person on question (person_id) where state in ('queued', 'running', 'stopping');
comment on table question is '分析查询; who asked what stays on record';

create table saved_question (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  person_id uuid not null references person,
  name text not null,
  text text not null,
  chart jsonb,
  shared boolean not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index saved_question_order on saved_question (department_id, updated_at desc, id);
comment on table saved_question is '保存的查询';

alter table question enable row level security;
alter table question force row level security;
create policy question_all on question using (huitong_sees(jurisdiction, department_id));
alter table saved_question enable row level security;
alter table saved_question force row level security;
create policy saved_question_all on saved_question using (huitong_sees(jurisdiction, department_id));

-- Roles of a platform that is already at work get the new permission; they stay editable data.
update role r set permissions = r.permissions || array['workbench.use']
where r.name in ('data_officer', 'data_centre') and not 'workbench.use' = any (r.permissions);
