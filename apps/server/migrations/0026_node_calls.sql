-- Calls of proxied services whose system only the department's node reaches: they travel down the node's own connection.

alter table proxied_service add column node_id uuid references node;

-- A call on its way to a node and its reply on the way back, both sealed; for as long as the caller waits, and not longer.
create unlogged table node_call (
  id uuid primary key,
  node_id uuid not null references node,
  asked_at timestamptz not null,
  until timestamptz not null,
  request bytea not null,
  taken_at timestamptz,
  reply bytea
);
create index node_call_waiting on node_call (node_id, asked_at) where taken_at is null;
comment on table node_call is 'technical: calls on their way through a node';
alter table node_call enable row level security;
alter table node_call force row level security;
create policy node_call_system on node_call using (huitong_system());
