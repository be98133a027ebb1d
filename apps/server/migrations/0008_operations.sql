-- Operations: alerts that rules open and close by themselves, incidents with a response clock.

create table incident (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  rule text not null collate "C",
  level integer not null check (level between 1 and 3),
  state text not null check (state in ('open', 'handling', 'recovered', 'closed')),
  -- natural: runs day and night on the platform's clock; working: counts working days by legal time
  clock text not null check (clock in ('natural', 'working')),
  opened_at timestamptz not null,
  response_due_at timestamptz not null,
  restore_due_at timestamptz not null,
  -- what the clock showed when it stopped; null: it runs
  responded_at timestamptz,
  restored_at timestamptz,
  acknowledged_by uuid references person,
  assignee_id uuid references person,
  recovered_at timestamptz,
  closed_at timestamptz,
  -- null: it closed by itself
  closed_by uuid references person,
  version integer not null default 1
);
create index incident_order on incident (opened_at desc, id);
create index incident_open on incident (rule, department_id) where state <> 'closed';
comment on table incident is '故障';

create table alert (
  id uuid primary key,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  rule text not null collate "C",
  level integer not null check (level between 1 and 3),
  subject_kind text not null collate "C",
  subject_id text not null collate "C",
  subject_name jsonb not null,
  detail jsonb not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  incident_id uuid references incident
);
create unique index alert_open on alert (rule, subject_id) where closed_at is null;
create index alert_order on alert (opened_at desc, id);
create index alert_incident on alert (incident_id);
comment on table alert is '告警';

create table incident_note (
  id bigint generated always as identity primary key,
  incident_id uuid not null references incident,
  kind text not null check (kind in ('opened', 'alert', 'acknowledged', 'assigned', 'note', 'recovered', 'reopened', 'closed')),
  -- null: the platform itself
  person_id uuid references person,
  content text,
  at timestamptz not null
);
create index incident_note_incident on incident_note (incident_id, id);
comment on table incident_note is '故障处置记录: insert-only';

alter table alert enable row level security;
alter table alert force row level security;
create policy alert_all on alert using (huitong_sees(jurisdiction, department_id));
alter table incident enable row level security;
alter table incident force row level security;
create policy incident_all on incident using (huitong_sees(jurisdiction, department_id));
alter table incident_note enable row level security;
alter table incident_note force row level security;
create policy incident_note_all on incident_note using (exists (select from incident i where i.id = incident_id));

-- Roles of a platform that is already at work get the new permissions; they stay editable data.
update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values
  ('data_officer', array['alert.read', 'report.read']),
  ('department_head', array['alert.read', 'report.read']),
  ('authority', array['alert.read', 'report.read']),
  ('data_centre', array['alert.read', 'incident.handle', 'report.read']),
  ('operator', array['alert.read', 'incident.handle', 'report.read']),
  ('system_admin', array['alert.read'])) n (name, more)
where r.name = n.name;
