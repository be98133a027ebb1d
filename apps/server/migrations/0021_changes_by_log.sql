-- Changes by the source's own log: channels with a slot at their source, streams that go on, and exact positions.

alter table channel drop constraint channel_mode_check;
alter table channel add constraint channel_mode_check check (mode in ('full', 'cursor', 'log'));
-- {slot, state, truncatedAt, approved, rebase, stoppedAt, releaseWorkId}: what of the channel lives at its source
alter table channel add column log jsonb;

alter table stream drop constraint stream_kind_check;
alter table stream add constraint stream_kind_check check (kind in ('copy', 'changes', 'repair', 'log'));
-- the reading node is asked to end the stream at an exact position
alter table stream add column ending boolean not null default false;

alter table node_work drop constraint node_work_kind_check;
alter table node_work add constraint node_work_kind_check
  check (kind in ('discover', 'read', 'apply', 'reconcile', 'repair', 'capture', 'slot', 'release'));

-- the snapshot that the source's node holds at the common position; and whether this mends a gap of the log
alter table reconciliation add column snapshot text, add column resync boolean not null default false;
alter table reconciliation drop constraint reconciliation_phase_check;
alter table reconciliation add constraint reconciliation_phase_check
  check (phase in ('slot', 'catch_up', 'buckets', 'rows', 'done'));

create index segment_not_applied on segment (stream_id, generation, sequence) where state <> 'applied';
