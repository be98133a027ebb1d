-- Proxied services: a department's existing HTTP service, called through the gateway under the same grants.

alter table service
  alter column channel_id drop not null,
  add column kind text not null default 'dataset' check (kind in ('dataset', 'proxied'));
alter table service add constraint service_of_channel check ((kind = 'dataset') = (channel_id is not null));

create table proxied_service (
  service_id uuid primary key references service,
  jurisdiction text not null collate "C",
  department_id uuid not null references department,
  provider_department_id uuid not null references department,
  base_url text not null,
  operations jsonb not null,
  timeout_ms integer not null check (timeout_ms between 100 and 30000),
  reply_bytes_max integer not null check (reply_bytes_max between 1024 and 5242880),
  -- name of a header and its value, envelope-encrypted: how the gateway is known to the department's service
  credential_header text,
  credential bytea,
  check ((credential_header is null) = (credential is null))
);
comment on table proxied_service is '代理接口: where a service of a department is, and what may be asked of it';
alter table proxied_service enable row level security;
alter table proxied_service force row level security;
create policy proxied_service_read on proxied_service for select using (huitong_within(jurisdiction));
create policy proxied_service_write on proxied_service for all
  using (huitong_sees(jurisdiction, department_id, provider_department_id));
