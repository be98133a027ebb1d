-- The lake: one typed Parquet file for each verified segment that lands in the resource centre.

create table lake_file (
  stream_id uuid not null,
  generation integer not null,
  sequence integer not null,
  channel_id uuid not null references channel,
  kind text not null check (kind in ('copy', 'changes')),
  final boolean not null,
  rows numeric not null,
  bytes numeric not null,
  -- why there is no file: a value that its declared type does not hold
  problem text,
  written_at timestamptz not null,
  primary key (stream_id, generation, sequence),
  foreign key (stream_id, generation, sequence) references segment
);
create index lake_file_channel on lake_file (channel_id);
comment on table lake_file is '归集层: files of the lake';
alter table lake_file enable row level security;
alter table lake_file force row level security;
create policy lake_file_all on lake_file using (exists (select from channel c where c.id = channel_id));

-- Changes of a channel come in streams of their own.
alter table stream drop constraint stream_kind_check;
alter table stream add constraint stream_kind_check check (kind in ('copy', 'changes', 'repair'));
