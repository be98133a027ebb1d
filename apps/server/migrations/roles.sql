-- What each database role may do. Run after every migration, so that it always speaks of the present tables.
-- huitong_app: business, row-level security applies. huitong_tick: technical state in named tables only.

grant usage on schema public to huitong_app, huitong_tick;
revoke all on all tables in schema public from huitong_app, huitong_tick;
grant select, insert, update on all tables in schema public to huitong_app;
grant usage on all sequences in schema public to huitong_app;
grant delete on reject_box to huitong_app;
grant delete on session, person_role, idempotency, library_part, item_binding, saved_question, lineage_job to huitong_app;
revoke insert, update on audit, event, audit_leaf, ledger_checkpoint, migration from huitong_app;
-- Leases, presence and nonces are ticks alone; numbers come from a function; keys are made once.
revoke all on number_sequence, lease, request_nonce, node_call from huitong_app;
revoke insert, update on node_presence, node_crossing, node_log from huitong_app;
revoke all on ferry_sent from huitong_app;
revoke update on platform_key from huitong_app;
revoke update on request_decision, landing_count, incident_note, call_root, call_count, lake_file, check_result, check_score, statement, source_consent, file_delivery, reject_box, code_set_version, data_element_version, rule_suite_version, fusion_decision, recipe_version from huitong_app;
-- Calls are written by the gateway's own account; the application only says which root holds them.
revoke insert, update on service_call, service_use, service_refusal from huitong_app;
grant update (root_id) on service_call to huitong_app;
-- Number and transaction of an audit row or a fact are the database's own: nobody slips one in behind a cursor.
grant insert (at, jurisdiction, department_id, actor_kind, actor_id, actor_name, action, object_kind, object_id, outcome,
  request_id, content, salt) on audit to huitong_app;
grant insert (at, type, payload) on event to huitong_app;
-- A statement stays as it was signed; who may read it passes to the successors of its departments.
grant update (provider_department_id, consumer_department_id) on statement to huitong_app;

grant select, insert, update, delete on event_cursor, lease, request_nonce, node_call to huitong_tick;
grant select, delete on idempotency to huitong_tick;
grant select, insert, update on node_presence, node_crossing, node_log, ledger_checkpoint to huitong_tick;
grant select, insert, update, delete on ferry_sent to huitong_tick;
grant select, insert on audit_leaf to huitong_tick;
grant select on audit, event, node, node_work, session, person, legal_clock to huitong_tick;
-- Read by the policy of node_work.
grant select on reconciliation to huitong_tick;
grant update (state, fence, boot, poll, lease_until, progress) on node_work to huitong_tick;
grant update (seen_at) on session to huitong_tick;
grant delete on session to huitong_tick;
grant select on role, person_role, department to huitong_tick;
grant select (person_id, failures, locked_until, must_change), update (failures, locked_until) on credential to huitong_tick;
grant select, insert on service_call to huitong_tick;
grant select, insert, update on service_use, service_refusal to huitong_tick;
grant select on service, proxied_service, service_opening, application, channel, data_source, dataset, dataset_version, access_grant,
  access_request to huitong_tick;

grant execute on function huitong_search_places(text[]) to huitong_app;
grant execute on function huitong_next_number(text) to huitong_app;
grant execute on function huitong_settle_calls(integer[], text[], uuid[], integer[], text[], text[], uuid[], uuid[], uuid[],
  uuid[], uuid[], text[], bigint[], bigint[], numeric[], bigint[], integer[], text[], integer[], text[], bigint[], text[],
  bytea[]) to huitong_tick;
