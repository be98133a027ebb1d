-- Statements of a channel for a period: what left the source, was sealed, received and applied, by batch, signed.

comment on table reconciliation is '对账';

create table statement (
  id uuid primary key,
  number text collate "C" not null unique,
  channel_id uuid not null references channel (id),
  jurisdiction text collate "C" not null,
  provider_department_id uuid not null references department (id),
  consumer_department_id uuid not null references department (id),
  period_from date not null,
  period_to date not null,
  state text not null check (state in ('balanced', 'unbalanced', 'running', 'empty')),
  totals jsonb not null,
  document text not null,
  signature bytea not null,
  key_id text not null,
  issued_by text not null,
  issued_at timestamptz not null,
  check (period_from <= period_to)
);
create index statement_channel on statement (channel_id, number desc);
comment on table statement is '对账单';
alter table statement enable row level security;
alter table statement force row level security;
create policy statement_all on statement
  using (huitong_sees(jurisdiction, provider_department_id, consumer_department_id));
