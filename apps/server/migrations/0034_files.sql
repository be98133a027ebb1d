-- Files as they are: a fifth mode, a folder as the mount of a dataset, and which file came to its end in which segment.

alter table channel drop constraint channel_mode_check;
alter table channel add constraint channel_mode_check check (mode in ('full', 'cursor', 'log', 'diff', 'files'));

create table file_delivery (
  stream_id uuid not null,
  generation integer not null,
  sequence integer not null,
  -- place in the segment
  at integer not null,
  channel_id uuid not null references channel,
  path text not null collate "C",
  bytes numeric not null,
  digest text not null collate "C" check (digest ~ '^[0-9a-f]{64}$'),
  announced_at timestamptz not null,
  primary key (stream_id, generation, sequence, at),
  foreign key (stream_id, generation, sequence) references segment
);
-- paths may be longer than an index entry
create index file_delivery_path on file_delivery (channel_id, md5(path), announced_at desc);
create index file_delivery_channel on file_delivery (channel_id, announced_at desc);
comment on table file_delivery is '已交换文件';
alter table file_delivery enable row level security;
alter table file_delivery force row level security;
create policy file_delivery_all on file_delivery using (exists (select from channel c where c.id = channel_id));
