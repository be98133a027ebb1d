-- Records of files that were set aside: counted with the run that read them, kept sealed to the platform.

alter table stream add column rejected numeric not null default 0;

create table reject_box (
  stream_id uuid not null,
  generation integer not null,
  -- place of its first record among all of the run, from 0
  first integer not null,
  rows integer not null check (rows > 0),
  channel_id uuid not null references channel,
  -- HPKE, as the node sent it; JSON lines inside
  box text not null,
  kept_at timestamptz not null,
  primary key (stream_id, generation, first),
  foreign key (stream_id, generation) references stream
);
create index reject_box_channel on reject_box (channel_id, generation, first);
comment on table reject_box is '拒收记录';
alter table reject_box enable row level security;
alter table reject_box force row level security;
create policy reject_box_all on reject_box using (exists (select from channel c where c.id = channel_id));
