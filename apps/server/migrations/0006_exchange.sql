-- Channels, streams of segments, receipts, reconciliations.

create table channel (
  id uuid primary key,
  number text not null unique collate "C",
  jurisdiction text not null collate "C",
  grant_id uuid not null references access_grant,
  dataset_id uuid not null references dataset,
  provider_department_id uuid not null references department,
  consumer_department_id uuid not null references department,
  distribution_id uuid not null references distribution,
  source_id uuid not null references data_source,
  target_id uuid not null references data_source,
  target_schema text not null,
  target_table text not null,
  columns jsonb not null,
  key text[] not null,
  -- secret of the row digests, envelope-encrypted
  digest_secret bytea not null,
  state text not null check (state in ('configured', 'ready', 'running', 'completed', 'failed', 'stopped')),
  problem jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null,
  version integer not null default 1,
  unique (target_id, target_schema, target_table)
);
comment on table channel is '交换任务';

-- What a generation of a channel, or a repair, sends: one chain of segments.
create table stream (
  id uuid not null,
  generation integer not null check (generation > 0),
  channel_id uuid not null references channel,
  kind text not null check (kind in ('copy', 'repair')),
  read_work_id uuid references node_work,
  apply_work_id uuid references node_work,
  abandoned boolean not null default false,
  source_rows numeric,
  target_rows numeric,
  created_at timestamptz not null,
  primary key (id, generation)
);
comment on table stream is 'generations of a channel and repairs';

create table segment (
  stream_id uuid not null,
  generation integer not null,
  sequence integer not null check (sequence > 0),
  channel_id uuid not null references channel,
  digest text not null collate "C" check (digest ~ '^[0-9a-f]{64}$'),
  manifest text not null,
  manifest_hash text not null collate "C",
  signature bytea not null,
  rows numeric not null,
  plain_bytes numeric not null,
  sealed_bytes numeric not null,
  final boolean not null,
  state text not null check (state in ('announced', 'received', 'verified', 'rejected', 'applied')),
  receipt text,
  receipt_signature bytea,
  consumer_receipt text,
  consumer_signature bytea,
  problem jsonb,
  announced_at timestamptz not null,
  received_at timestamptz,
  verified_at timestamptz,
  applied_at timestamptz,
  primary key (stream_id, generation, sequence),
  foreign key (stream_id, generation) references stream (id, generation)
);
create index segment_digest on segment (digest);
create index segment_received on segment (received_at) where state = 'received';
comment on table segment is '批次';

create table reconciliation (
  id uuid primary key,
  channel_id uuid not null references channel,
  jurisdiction text not null collate "C",
  provider_department_id uuid not null references department,
  consumer_department_id uuid not null references department,
  state text not null check (state in ('running', 'equal', 'different', 'failed', 'repairing', 'repaired')),
  phase text not null check (phase in ('buckets', 'rows', 'done')),
  buckets integer not null,
  source_work_id uuid,
  target_work_id uuid,
  source_rows numeric,
  target_rows numeric,
  buckets_different integer not null default 0,
  differences jsonb not null default '[]',
  differences_total numeric not null default 0,
  report text,
  report_signature bytea,
  report_key_id text,
  repair jsonb,
  problem jsonb,
  started_at timestamptz not null,
  finished_at timestamptz,
  version integer not null default 1
);
create index reconciliation_channel on reconciliation (channel_id, started_at desc);
comment on table reconciliation is '对账单';

alter table channel enable row level security;
alter table channel force row level security;
create policy channel_all on channel
  using (huitong_sees(jurisdiction, provider_department_id, consumer_department_id));
alter table stream enable row level security;
alter table stream force row level security;
create policy stream_all on stream using (exists (select from channel c where c.id = channel_id));
alter table segment enable row level security;
alter table segment force row level security;
create policy segment_all on segment using (exists (select from channel c where c.id = channel_id));
alter table reconciliation enable row level security;
alter table reconciliation force row level security;
create policy reconciliation_all on reconciliation
  using (huitong_sees(jurisdiction, provider_department_id, consumer_department_id));
