-- What nodes tell of themselves: which version runs, and what they did of late.

alter table node_presence add column version text;
comment on column node_presence.version is 'version of the agent, as it says with each poll';

create table node_log (
  node_id uuid primary key references node on delete cascade,
  -- [{at, level, kind, ...}], oldest first: the last two hundred lines, of known kinds with known fields
  lines jsonb not null,
  at timestamptz not null
);
comment on table node_log is 'technical: the last lines of the log of a node';

alter table node_log enable row level security;
alter table node_log force row level security;
create policy node_log_read on node_log for select
  using (huitong_system() or exists (select from node n where n.id = node_id and huitong_sees(n.jurisdiction, n.department_id)));
create policy node_log_write on node_log for all using (huitong_system());
