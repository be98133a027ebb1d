-- Changes by cursor: how a mounted table tells what changed, channels that follow it, their increments.

-- {operation, updatedAt, batch}: the technical fields of a front database's convention; they are no items.
alter table distribution add column convention jsonb;

alter table channel
  add column mode text not null default 'full' check (mode in ('full', 'cursor')),
  add column interval_seconds integer not null default 60 check (interval_seconds between 5 and 86400),
  add column lag_seconds integer not null default 30 check (lag_seconds between 0 and 86400),
  -- where the receiving table stands, as its own transaction wrote it; and how far the source has been looked at
  add column cursor jsonb,
  add column looked jsonb,
  add column looked_at timestamptz,
  add column next_at timestamptz,
  add column failures integer not null default 0,
  add column held jsonb;
alter table channel drop constraint channel_state_check;
alter table channel add constraint channel_state_check
  check (state in ('configured', 'ready', 'running', 'following', 'completed', 'failed', 'stopped'));
create index channel_following on channel (next_at) where state = 'following';

-- Its id is also the id of its stream. One that found nothing is looked into again, so that a quiet source leaves no trail.
create table increment (
  id uuid primary key,
  channel_id uuid not null references channel,
  number integer not null,
  cause text not null check (cause in ('schedule', 'person', 'reconciliation')),
  state text not null check (state in ('running', 'done', 'empty', 'failed', 'stopped')),
  from_cursor jsonb not null,
  to_cursor jsonb,
  source_rows numeric,
  applied jsonb,
  held jsonb,
  problem jsonb,
  started_at timestamptz not null,
  finished_at timestamptz,
  unique (channel_id, number)
);
create unique index increment_running on increment (channel_id) where state = 'running';
comment on table increment is '增量';
alter table increment enable row level security;
alter table increment force row level security;
create policy increment_all on increment using (exists (select from channel c where c.id = channel_id));

alter table reconciliation drop constraint reconciliation_phase_check;
alter table reconciliation add constraint reconciliation_phase_check check (phase in ('catch_up', 'buckets', 'rows', 'done'));
alter table reconciliation add column position text, add column in_flight integer not null default 0;

create index segment_channel on segment (channel_id, announced_at);
