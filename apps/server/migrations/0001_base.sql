-- The ground that everything stands on: context of a transaction, audit, events, leases, idempotency, legal time.

-- Who sees a row: `huitong.scope` is set by the kernel at the start of each transaction and nothing else.
-- No context, no rows.
create function huitong_sees(jurisdiction text, variadic departments uuid[]) returns boolean
language sql stable parallel safe
as $$
  select case current_setting('huitong.scope', true)
    when 'system' then true
    when 'jurisdiction' then jurisdiction = current_setting('huitong.jurisdiction', true)
    when 'department' then jurisdiction = current_setting('huitong.jurisdiction', true)
      and nullif(current_setting('huitong.department', true), '')::uuid = any (departments)
    else false
  end
$$;

-- True for any signed-in context of the jurisdiction.
create function huitong_within(jurisdiction text) returns boolean
language sql stable parallel safe
as $$
  select case current_setting('huitong.scope', true)
    when 'system' then true
    when 'jurisdiction' then jurisdiction = current_setting('huitong.jurisdiction', true)
    when 'department' then jurisdiction = current_setting('huitong.jurisdiction', true)
    else false
  end
$$;

create table audit (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  jurisdiction text not null collate "C",
  department_id uuid,
  actor_kind text not null check (actor_kind in ('person', 'node', 'system', 'public')),
  actor_id text not null,
  actor_name text not null,
  action text not null collate "C",
  object_kind text,
  object_id text,
  outcome text not null check (outcome in ('done', 'denied', 'failed')),
  request_id text not null,
  -- Canonical JSON of what the ledger commits to; its commitment is HMAC(salt, content).
  content text not null,
  salt bytea not null check (octet_length(salt) = 32)
);
create index audit_sequence on audit (xid, id);
create index audit_object on audit (object_kind, object_id, id);
comment on table audit is '审计 every business act and every denial; the application may only insert';

create table event (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null,
  type text not null collate "C",
  payload jsonb not null
);
create index event_sequence on event (xid, id);
comment on table event is 'outbox: facts that travel to other modules';

create table event_cursor (
  subscriber text primary key collate "C",
  xid xid8 not null default '0',
  id bigint not null default 0,
  failures integer not null default 0,
  problem text,
  retry_at timestamptz
);
comment on table event_cursor is 'how far each subscriber has read, below every open transaction';

create table lease (
  name text primary key collate "C",
  holder uuid not null,
  fence bigint not null,
  until timestamptz not null
);
comment on table lease is 'who runs a job now; the fence grows with each new holder';

create table idempotency (
  actor text not null,
  key text not null,
  endpoint text not null,
  request_hash bytea not null,
  status integer not null,
  reply jsonb not null,
  at timestamptz not null,
  primary key (actor, key)
);
comment on table idempotency is 'replies of writes that carried an Idempotency-Key';

create table request_nonce (
  key_id text not null collate "C",
  nonce text not null collate "C",
  at timestamptz not null,
  primary key (key_id, nonce)
);
create index request_nonce_at on request_nonce (at);
comment on table request_nonce is 'nonces of signed requests within the time window';

create table setting (
  name text primary key collate "C",
  value jsonb not null,
  version integer not null default 1
);
comment on table setting is 'settings of the platform that are data';

create table legal_clock (
  one boolean primary key default true check (one),
  offset_seconds integer not null default 0
);
insert into legal_clock default values;
comment on table legal_clock is '法定时间 offset; only demo mode can move it';

alter table audit enable row level security;
alter table audit force row level security;
create policy audit_insert on audit for insert with check (true);
-- Acts of the platform itself belong to no department: whoever sees the whole jurisdiction sees them.
create policy audit_read on audit for select using (
  huitong_sees(jurisdiction, department_id)
  or (jurisdiction = '' and current_setting('huitong.scope', true) = 'jurisdiction'));

create table platform_key (
  name text primary key collate "C",
  -- private key, envelope-encrypted under the root key
  sealed bytea not null,
  public_key bytea not null
);
comment on table platform_key is 'the keys of the platform';
