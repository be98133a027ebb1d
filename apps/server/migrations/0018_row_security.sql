-- Row-level security for the tables that had none, and narrower policies for passwords and sessions. What stays open is
-- named with its reason in kernel/row-security.test.ts.

-- True in any context at all: for what is the same for everybody who is known.
create function huitong_known() returns boolean
language sql stable parallel safe
as $$ select current_setting('huitong.scope', true) in ('system', 'jurisdiction', 'department') $$;

create function huitong_system() returns boolean
language sql stable parallel safe
as $$ select current_setting('huitong.scope', true) = 'system' $$;

-- Work of a node: the node's own department; for an exchange also the department at its other end.
alter table node_work enable row level security;
alter table node_work force row level security;
create policy node_work_all on node_work using (
  huitong_system()
  or exists (select from node n where n.id = node_id and huitong_sees(n.jurisdiction, n.department_id))
  or (subject_kind = 'channel' and exists (select from channel c where c.id = subject_id))
  or (subject_kind = 'reconciliation' and exists (select from reconciliation r where r.id = subject_id)));

alter table node_presence enable row level security;
alter table node_presence force row level security;
create policy node_presence_read on node_presence for select
  using (huitong_system() or exists (select from node n where n.id = node_id));
create policy node_presence_write on node_presence for all using (huitong_system());

-- Items of published versions: whoever may read the catalogue reads them, the provider's own and the reviewer write them.
alter table data_item add column jurisdiction text collate "C";
update data_item i set jurisdiction = d.jurisdiction from dataset d where d.id = i.dataset_id;
alter table data_item alter column jurisdiction set not null;
alter table data_item enable row level security;
alter table data_item force row level security;
-- The settings are read once a query, not once a row: the home page counts all items.
create policy data_item_read on data_item for select using (
  (select huitong_system())
  or ((select huitong_known()) and jurisdiction = (select current_setting('huitong.jurisdiction', true))));
create policy data_item_write on data_item for all using (
  exists (select from dataset d where d.id = dataset_id and d.jurisdiction = data_item.jurisdiction
    and huitong_sees(d.jurisdiction, d.department_id)));

-- Numbers run for the whole platform, so nobody reads or sets the counter: the function alone takes the next.
alter table number_sequence enable row level security;
alter table number_sequence force row level security;
create policy number_sequence_owner on number_sequence using (current_user not in ('huitong_app', 'huitong_tick'));
create function huitong_next_number(prefix text) returns integer
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
  insert into number_sequence as s (prefix, last) values (prefix, 1)
  on conflict (prefix) do update set last = s.last + 1 returning last
$$;
revoke execute on function huitong_next_number(text) from public;

-- The same for a whole jurisdiction: everybody in it reads them, who acts for all of it changes them.
alter table request_template enable row level security;
alter table request_template force row level security;
create policy request_template_read on request_template for select using (huitong_within(jurisdiction));
create policy request_template_write on request_template for all
  using (huitong_sees(jurisdiction, variadic '{}'::uuid[]));
alter table deadline_rule enable row level security;
alter table deadline_rule force row level security;
create policy deadline_rule_read on deadline_rule for select using (huitong_within(jurisdiction));
create policy deadline_rule_write on deadline_rule for all using (huitong_system());

-- Replies that are kept for a repeated write: who sent it.
alter table idempotency enable row level security;
alter table idempotency force row level security;
create policy idempotency_own on idempotency
  using (huitong_system() or actor = current_setting('huitong.actor', true));

-- Passwords and sessions: one's own; another's only for the acts that manage accounts, and those within a jurisdiction.
drop policy credential_own on credential;
create policy credential_own on credential using (
  huitong_system()
  or person_id::text = current_setting('huitong.actor', true)
  or (current_setting('huitong.accounts', true) = 'on' and exists (select from person p where p.id = person_id)));
drop policy session_all on session;
create policy session_own on session using (
  huitong_system()
  or person_id::text = current_setting('huitong.actor', true)
  or (current_setting('huitong.accounts', true) = 'on' and exists (select from person p where p.id = person_id)));

-- Nobody's own: the platform's keys and technical state are touched under the platform's own sight.
alter table platform_key enable row level security;
alter table platform_key force row level security;
create policy platform_key_system on platform_key using (huitong_system());
alter table lease enable row level security;
alter table lease force row level security;
create policy lease_system on lease using (huitong_system());
alter table request_nonce enable row level security;
alter table request_nonce force row level security;
create policy request_nonce_system on request_nonce using (huitong_system());
alter table ledger_checkpoint enable row level security;
alter table ledger_checkpoint force row level security;
create policy ledger_checkpoint_system on ledger_checkpoint using (huitong_system());

-- Facts are told by whoever acts and read by the platform alone.
alter table event enable row level security;
alter table event force row level security;
create policy event_insert on event for insert with check (true);
create policy event_read on event for select using (huitong_system());
-- How far they were read is part of the health that the operator sees.
alter table event_cursor enable row level security;
alter table event_cursor force row level security;
create policy event_cursor_read on event_cursor for select
  using (huitong_system() or current_setting('huitong.scope', true) = 'jurisdiction');
create policy event_cursor_write on event_cursor for all using (huitong_system());

alter table setting enable row level security;
alter table setting force row level security;
create policy setting_read on setting for select using (huitong_system() or (huitong_known() and name = 'demo_progress'));
create policy setting_write on setting for all using (huitong_system());

-- The same for everybody who is known: divisions, roles, and the leaves of the log, which are commitments only.
alter table region enable row level security;
alter table region force row level security;
create policy region_read on region for select using (huitong_known());
create policy region_write on region for all using (huitong_system());
alter table role enable row level security;
alter table role force row level security;
create policy role_read on role for select using (huitong_known());
create policy role_write on role for all using (huitong_system());
alter table audit_leaf enable row level security;
alter table audit_leaf force row level security;
create policy audit_leaf_read on audit_leaf for select using (huitong_known());
create policy audit_leaf_write on audit_leaf for all using (huitong_system());
