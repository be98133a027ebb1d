-- Nodes without a line to the platform: what would be asked and answered goes as numbered files.

alter table node add column link text not null default 'line' collate "C"
  check (link in ('line', 'ferry', 'ferry_in', 'ferry_out', 'hand'));
comment on column node.link is '连接方式: how the node and the platform reach each other';

create table node_crossing (
  node_id uuid primary key references node,
  state jsonb not null,
  at timestamptz not null
);
comment on table node_crossing is 'technical: how far the files of a ferried node have crossed';

create table ferry_sent (
  node_id uuid not null references node,
  about text not null collate "C",
  mark text not null collate "C",
  at timestamptz not null,
  primary key (node_id, about)
);
comment on table ferry_sent is 'technical: which orders and segments were laid out for a ferried node';

alter table node_crossing enable row level security;
alter table node_crossing force row level security;
create policy node_crossing_read on node_crossing for select
  using (huitong_system() or exists (select from node n where n.id = node_id));
create policy node_crossing_write on node_crossing for all using (huitong_system());
alter table ferry_sent enable row level security;
alter table ferry_sent force row level security;
create policy ferry_sent_all on ferry_sent for all using (huitong_system());
