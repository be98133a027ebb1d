-- The schema that the migrations make, read back from the database's own catalogue. Golden: never edited by hand.
-- UPDATE_GOLDEN=1 npx vitest run apps/server/src/kernel/describe-schema.test.ts writes it anew.

CREATE OR REPLACE FUNCTION public.huitong_grams(VARIADIC texts text[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select array(select distinct g
    from (select sign, sign || lead(sign) over (order by at) as pair
      from unnest(string_to_array(array_to_string(texts, E'\n'), null)) with ordinality as signs (sign, at)) as pairs
    cross join lateral (values (sign), (pair)) as grams (g)
    where g is not null and position(E'\n' in g) = 0)
$function$
;
CREATE OR REPLACE FUNCTION public.huitong_known()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select current_setting('huitong.scope', true) in ('system', 'jurisdiction', 'department') $function$
;
CREATE OR REPLACE FUNCTION public.huitong_next_number(prefix text)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  insert into number_sequence as s (prefix, last) values (prefix, 1)
  on conflict (prefix) do update set last = s.last + 1 returning last
$function$
;
CREATE OR REPLACE FUNCTION public.huitong_search_places(grams text[])
 RETURNS tid[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select array_agg(ctid) from dataset_search where huitong_grams(title, items, rest) @> grams
$function$
;
CREATE OR REPLACE FUNCTION public.huitong_sees(jurisdiction text, VARIADIC departments uuid[])
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select case current_setting('huitong.scope', true)
    when 'system' then true
    when 'jurisdiction' then jurisdiction = current_setting('huitong.jurisdiction', true)
    when 'department' then jurisdiction = current_setting('huitong.jurisdiction', true)
      and nullif(current_setting('huitong.department', true), '')::uuid = any (departments)
    else false
  end
$function$
;
CREATE OR REPLACE FUNCTION public.huitong_settle_calls(version_grounds integer[], version_kinds text[], version_ids uuid[], version_numbers integer[], apps text[], jurisdictions text[], applications uuid[], departments uuid[], services uuid[], openings uuid[], providers uuid[], matters text[], seconds_max bigint[], days_max bigint[], totals_max numeric[], rows_max bigint[], grounds integer[], nonces text[], kinds integer[], outcomes text[], row_counts bigint[], requests text[], digests bytea[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  verdicts bigint[] := array_fill(0::bigint, array[cardinality(grounds)]);
  spent text[];
  counted uuid[] := array_remove(openings, null);
  short uuid[];
  stale integer[];
  epoch bigint;
  today bigint;
  used record;
  calls_taken bigint;
  rows_taken bigint;
  g integer;
  moment timestamptz := date_trunc('milliseconds', now());
  minute_of timestamptz := date_trunc('minute', now());
begin
  if cardinality(array_remove(nonces, null)) > 0 then
    begin
      insert into request_nonce (key_id, nonce, at)
        select apps[c.ground], c.nonce, now() from unnest(grounds, nonces) c (ground, nonce) where c.nonce is not null
        order by 1, 2;
    exception when unique_violation then
      -- One of them was used before: which?
      with spend as (
        insert into request_nonce (key_id, nonce, at)
        select apps[c.ground], c.nonce, now() from unnest(grounds, nonces) c (ground, nonce) where c.nonce is not null
        order by 1, 2 on conflict do nothing returning key_id, nonce)
      select array_agg(key_id || '/' || nonce) into spent from spend;
      -- Of two equal ones the first is good: what was taken is taken from the list.
      for i in 1 .. cardinality(grounds) loop
        if nonces[i] is null then continue; end if;
        if apps[grounds[i]] || '/' || nonces[i] = any (spent) then
          spent := array_remove(spent, apps[grounds[i]] || '/' || nonces[i]);
        else
          verdicts[i] := 2;
        end if;
      end loop;
    end;
  end if;

  if cardinality(counted) > 0 then
    perform from service_use where opening_id = any (counted) order by opening_id for update;
    if (select count(distinct o) from unnest(counted) o) > (select count(*) from service_use where opening_id = any (counted)) then
      insert into service_use (opening_id, second, second_calls, day, day_calls, day_rows, total_calls)
        select distinct o, 0, 0, 0, 0, 0, 0 from unnest(counted) o order by o on conflict do nothing;
      perform from service_use where opening_id = any (counted) order by opening_id for update;
    end if;
  end if;

  select array_agg(distinct v.ground) into stale
  from unnest(version_grounds, version_kinds, version_ids, version_numbers) v (ground, kind, id, number)
  where v.number is distinct from case v.kind
    when 'a' then (select version from application where id = v.id)
    when 's' then (select version from service where id = v.id)
    when 'o' then (select version from service_opening where id = v.id)
    else (select version from access_grant where id = v.id) end;
  if stale is not null then
    delete from request_nonce r using unnest(grounds, nonces, verdicts) c (ground, nonce, verdict)
      where c.ground = any (stale) and c.verdict = 0 and r.key_id = apps[c.ground] and r.nonce = c.nonce;
    for i in 1 .. cardinality(grounds) loop
      if grounds[i] = any (stale) then verdicts[i] := 1; end if;
    end loop;
  end if;

  epoch := floor(extract(epoch from clock_timestamp()));
  today := (epoch + 8 * 3600) / 86400; -- days of Asia/Shanghai
  if cardinality(counted) > 0 then
    with asked as (
      select openings[c.ground] as id, count(*) filter (where c.kind = 1) as calls, sum(c.row_count) as rows,
        min(seconds_max[c.ground]) as second_max, min(days_max[c.ground]) as day_max,
        min(totals_max[c.ground]) as total_max, min(rows_max[c.ground]) as rows_max
      from unnest(grounds, kinds, verdicts, row_counts) c (ground, kind, verdict, row_count)
      where c.kind > 0 and c.verdict = 0 and openings[c.ground] is not null group by 1),
    taken as (
      update service_use u set
        second = epoch, second_calls = a.calls + case when u.second = epoch then u.second_calls else 0 end,
        day = today, day_calls = a.calls + case when u.day = today then u.day_calls else 0 end,
        day_rows = a.rows + case when u.day = today then u.day_rows else 0 end,
        total_calls = a.calls + u.total_calls
      from asked a
      where u.opening_id = a.id
        and a.calls + case when u.second = epoch then u.second_calls else 0 end <= a.second_max
        and a.calls + case when u.day = today then u.day_calls else 0 end <= a.day_max
        and (a.total_max is null or a.calls + u.total_calls <= a.total_max)
        and (a.rows_max is null or a.rows + case when u.day = today then u.day_rows else 0 end <= a.rows_max)
      returning u.opening_id)
    select array_agg(a.id) filter (where a.id not in (select opening_id from taken)) into short from asked a;
  end if;

  -- Openings whose quota runs out among these calls: in their order, as long as there is some left.
  if short is not null then
    for used in
      select u.opening_id as id,
        case when u.second = epoch then u.second_calls else 0 end as second,
        case when u.day = today then u.day_calls else 0 end as day,
        case when u.day = today then u.day_rows else 0 end as rows, u.total_calls as total
      from service_use u where u.opening_id = any (short)
    loop
      calls_taken := 0;
      rows_taken := 0;
      for i in 1 .. cardinality(grounds) loop
        g := grounds[i];
        if kinds[i] = 0 or verdicts[i] <> 0 or openings[g] is distinct from used.id then continue; end if;
        verdicts[i] := case
          when kinds[i] = 1 and used.total + calls_taken >= totals_max[g] then 5
          when kinds[i] = 1 and used.day + calls_taken >= days_max[g] then 4
          when used.rows + rows_taken + row_counts[i] > rows_max[g] then 6
          when kinds[i] = 1 and used.second + calls_taken >= seconds_max[g] then 3
          else 0 end;
        if verdicts[i] = 0 then
          if kinds[i] = 1 then calls_taken := calls_taken + 1; end if;
          rows_taken := rows_taken + row_counts[i];
        end if;
      end loop;
      update service_use set second = epoch, second_calls = used.second + calls_taken, day = today,
        day_calls = used.day + calls_taken, day_rows = used.rows + rows_taken, total_calls = used.total + calls_taken
        where opening_id = used.id;
    end loop;
  end if;

  insert into service_call (at, minute, jurisdiction, application_id, department_id, service_id, opening_id,
      provider_department_id, matter_code, outcome, rows, request_id, query_digest, salt)
    select moment, minute_of, jurisdictions[c.ground], applications[c.ground],
      departments[c.ground], services[c.ground], openings[c.ground], providers[c.ground], matters[c.ground],
      case c.verdict when 0 then c.outcome when 2 then 'service.replayed' else 'service.over_quota' end,
      case c.verdict when 0 then c.row_count else 0 end, c.request, c.digest, uuid_send(gen_random_uuid())
    from unnest(grounds, outcomes, row_counts, requests, digests, verdicts)
      c (ground, outcome, row_count, request, digest, verdict)
    where c.verdict <> 1;
  return array_prepend(epoch, verdicts);
end $function$
;
CREATE OR REPLACE FUNCTION public.huitong_system()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select current_setting('huitong.scope', true) = 'system' $function$
;
CREATE OR REPLACE FUNCTION public.huitong_within(jurisdiction text)
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select case current_setting('huitong.scope', true)
    when 'system' then true
    when 'jurisdiction' then jurisdiction = current_setting('huitong.jurisdiction', true)
    when 'department' then jurisdiction = current_setting('huitong.jurisdiction', true)
    else false
  end
$function$
;
grant usage on sequence audit_id_seq to huitong_app;
grant usage on sequence event_id_seq to huitong_app;
grant usage on sequence incident_note_id_seq to huitong_app;
grant usage on sequence request_decision_id_seq to huitong_app;
grant usage on sequence service_call_id_seq to huitong_app;

create table access_grant (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  request_id uuid not null,
  dataset_id uuid not null,
  grantor_department_id uuid not null,
  grantee_department_id uuid not null,
  document text not null,
  signature bytea not null,
  key_id text not null,
  valid_from timestamp with time zone not null,
  valid_until timestamp with time zone not null,
  revoked_at timestamp with time zone,
  version integer not null default 1,
  constraint access_grant_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint access_grant_grantee_department_id_fkey FOREIGN KEY (grantee_department_id) REFERENCES department(id),
  constraint access_grant_grantor_department_id_fkey FOREIGN KEY (grantor_department_id) REFERENCES department(id),
  constraint access_grant_request_id_fkey FOREIGN KEY (request_id) REFERENCES access_request(id),
  constraint access_grant_pkey PRIMARY KEY (id),
  constraint access_grant_number_key UNIQUE (number),
  constraint access_grant_request_id_key UNIQUE (request_id)
);
alter table access_grant enable row level security;
alter table access_grant force row level security;
create policy access_grant_all on access_grant as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[grantor_department_id, grantee_department_id]);
grant insert, select, update on access_grant to huitong_app;
grant select on access_grant to huitong_tick;
comment on table access_grant is '授权';

create table access_request (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  dataset_id uuid not null,
  dataset_version integer not null,
  applicant_department_id uuid not null,
  provider_department_id uuid not null,
  share_attribute text not null,
  content jsonb not null,
  answered_items text[],
  answer jsonb,
  steps text[] not null,
  step text,
  state text not null,
  reached_provider boolean not null default false,
  created_by uuid not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  version integer not null default 1,
  content_by uuid not null,
  constraint access_request_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'running'::text, 'supplement'::text, 'agreed'::text, 'refused'::text, 'withdrawn'::text, 'done'::text]))),
  constraint access_request_applicant_department_id_fkey FOREIGN KEY (applicant_department_id) REFERENCES department(id),
  constraint access_request_content_by_fkey FOREIGN KEY (content_by) REFERENCES person(id),
  constraint access_request_created_by_fkey FOREIGN KEY (created_by) REFERENCES person(id),
  constraint access_request_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint access_request_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint access_request_pkey PRIMARY KEY (id),
  constraint access_request_number_key UNIQUE (number)
);
CREATE INDEX access_request_order ON public.access_request USING btree (created_at DESC, id);
alter table access_request enable row level security;
alter table access_request force row level security;
create policy access_request_all on access_request as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[applicant_department_id, provider_department_id]);
grant insert, select, update on access_request to huitong_app;
grant select on access_request to huitong_tick;
comment on table access_request is '共享申请';

create table alert (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  rule text collate "C" not null,
  level integer not null,
  subject_kind text collate "C" not null,
  subject_id text collate "C" not null,
  subject_name jsonb not null,
  detail jsonb not null,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  incident_id uuid,
  constraint alert_level_check CHECK (((level >= 1) AND (level <= 3))),
  constraint alert_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint alert_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint alert_pkey PRIMARY KEY (id)
);
CREATE INDEX alert_incident ON public.alert USING btree (incident_id);
CREATE UNIQUE INDEX alert_open ON public.alert USING btree (rule, subject_id) WHERE (closed_at IS NULL);
CREATE INDEX alert_order ON public.alert USING btree (opened_at DESC, id);
alter table alert enable row level security;
alter table alert force row level security;
create policy alert_all on alert as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on alert to huitong_app;
comment on table alert is '告警';

create table application (
  id uuid not null,
  app_id text collate "C" not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  name text not null,
  secret bytea not null,
  secret_at timestamp with time zone not null,
  created_by uuid not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  version integer not null default 1,
  constraint application_created_by_fkey FOREIGN KEY (created_by) REFERENCES person(id),
  constraint application_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint application_pkey PRIMARY KEY (id),
  constraint application_app_id_key UNIQUE (app_id)
);
alter table application enable row level security;
alter table application force row level security;
create policy application_all on application as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on application to huitong_app;
grant select on application to huitong_tick;
comment on table application is '应用凭证 of a using system';

create table audit (
  id bigint generated always as identity not null,
  xid xid8 not null default pg_current_xact_id(),
  at timestamp with time zone not null,
  jurisdiction text collate "C" not null,
  department_id uuid,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text collate "C" not null,
  object_kind text,
  object_id text,
  outcome text not null,
  request_id text not null,
  content text not null,
  salt bytea not null,
  constraint audit_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['person'::text, 'node'::text, 'system'::text, 'public'::text]))),
  constraint audit_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text, 'failed'::text]))),
  constraint audit_salt_check CHECK ((octet_length(salt) = 32)),
  constraint audit_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_object ON public.audit USING btree (object_kind, object_id, id);
CREATE INDEX audit_sequence ON public.audit USING btree (xid, id);
alter table audit enable row level security;
alter table audit force row level security;
create policy audit_insert on audit as permissive for insert to public with check true;
create policy audit_read on audit as permissive for select to public using (huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]) OR ((jurisdiction = ''::text) AND (current_setting('huitong.scope'::text, true) = 'jurisdiction'::text)));
grant select on audit to huitong_app;
grant select on audit to huitong_tick;
grant insert (at, jurisdiction, department_id, actor_kind, actor_id, actor_name, action, object_kind, object_id, outcome, request_id, content, salt) on audit to huitong_app;
comment on table audit is '审计 every business act and every denial; the application may only insert';

create table audit_leaf (
  leaf_index bigint not null,
  audit_id bigint not null,
  leaf bytea not null,
  constraint audit_leaf_pkey PRIMARY KEY (leaf_index),
  constraint audit_leaf_audit_id_key UNIQUE (audit_id)
);
alter table audit_leaf enable row level security;
alter table audit_leaf force row level security;
create policy audit_leaf_read on audit_leaf as permissive for select to public using huitong_known();
create policy audit_leaf_write on audit_leaf as permissive for all to public using huitong_system();
grant select on audit_leaf to huitong_app;
grant insert, select on audit_leaf to huitong_tick;
comment on table audit_leaf is '存证: leaf of each audit row; insert-only';

create table call_count (
  root_id uuid not null,
  minute timestamp with time zone not null,
  jurisdiction text collate "C" not null,
  application_id uuid not null,
  department_id uuid not null,
  service_id uuid,
  provider_department_id uuid,
  matter_code text collate "C" not null,
  outcome text collate "C" not null,
  calls bigint not null,
  rows bigint not null,
  constraint call_count_application_id_fkey FOREIGN KEY (application_id) REFERENCES application(id),
  constraint call_count_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint call_count_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint call_count_root_id_fkey FOREIGN KEY (root_id) REFERENCES call_root(id),
  constraint call_count_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id)
);
CREATE INDEX call_count_minute ON public.call_count USING btree (minute);
alter table call_count enable row level security;
alter table call_count force row level security;
create policy call_count_all on call_count as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id, provider_department_id]);
grant insert, select on call_count to huitong_app;
comment on table call_count is '接口调用统计 by minute';

create table call_root (
  id uuid not null,
  jurisdiction text collate "C" not null,
  minute timestamp with time zone not null,
  application_id uuid not null,
  department_id uuid not null,
  service_id uuid,
  provider_department_id uuid,
  root bytea not null,
  calls bigint not null,
  made_at timestamp with time zone not null,
  constraint call_root_root_check CHECK ((octet_length(root) = 32)),
  constraint call_root_application_id_fkey FOREIGN KEY (application_id) REFERENCES application(id),
  constraint call_root_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint call_root_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint call_root_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id),
  constraint call_root_pkey PRIMARY KEY (id)
);
CREATE INDEX call_root_minute ON public.call_root USING btree (minute);
alter table call_root enable row level security;
alter table call_root force row level security;
create policy call_root_all on call_root as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id, provider_department_id]);
grant insert, select on call_root to huitong_app;
comment on table call_root is '调用存证: Merkle roots over salted leaves';

create table channel (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  grant_id uuid not null,
  dataset_id uuid not null,
  provider_department_id uuid not null,
  consumer_department_id uuid not null,
  distribution_id uuid not null,
  source_id uuid not null,
  target_id uuid not null,
  target_schema text not null,
  target_table text not null,
  columns jsonb not null,
  key text[] not null,
  digest_secret bytea not null,
  state text not null,
  problem jsonb,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  created_at timestamp with time zone not null,
  version integer not null default 1,
  mode text not null default 'full'::text,
  interval_seconds integer not null default 60,
  lag_seconds integer not null default 30,
  cursor jsonb,
  looked jsonb,
  looked_at timestamp with time zone,
  next_at timestamp with time zone,
  failures integer not null default 0,
  held jsonb,
  log jsonb,
  reconcile_after_copy boolean not null default false,
  reconcile_every_hours integer,
  drift_policy text not null default 'hold'::text,
  mounted jsonb,
  drift jsonb,
  mapping_version integer not null default 1,
  taken jsonb,
  constraint channel_drift_policy_check CHECK ((drift_policy = ANY (ARRAY['hold'::text, 'evolve'::text, 'ignore'::text]))),
  constraint channel_interval_seconds_check CHECK (((interval_seconds >= 5) AND (interval_seconds <= 86400))),
  constraint channel_lag_seconds_check CHECK (((lag_seconds >= 0) AND (lag_seconds <= 86400))),
  constraint channel_mode_check CHECK ((mode = ANY (ARRAY['full'::text, 'cursor'::text, 'log'::text, 'diff'::text, 'files'::text]))),
  constraint channel_reconcile_every_hours_check CHECK (((reconcile_every_hours >= 1) AND (reconcile_every_hours <= 8760))),
  constraint channel_state_check CHECK ((state = ANY (ARRAY['configured'::text, 'ready'::text, 'running'::text, 'following'::text, 'completed'::text, 'failed'::text, 'stopped'::text]))),
  constraint channel_consumer_department_id_fkey FOREIGN KEY (consumer_department_id) REFERENCES department(id),
  constraint channel_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint channel_distribution_id_fkey FOREIGN KEY (distribution_id) REFERENCES distribution(id),
  constraint channel_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES access_grant(id),
  constraint channel_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint channel_source_id_fkey FOREIGN KEY (source_id) REFERENCES data_source(id),
  constraint channel_target_id_fkey FOREIGN KEY (target_id) REFERENCES data_source(id),
  constraint channel_pkey PRIMARY KEY (id),
  constraint channel_number_key UNIQUE (number),
  constraint channel_target_id_target_schema_target_table_key UNIQUE (target_id, target_schema, target_table)
);
CREATE INDEX channel_following ON public.channel USING btree (next_at) WHERE (state = 'following'::text);
alter table channel enable row level security;
alter table channel force row level security;
create policy channel_all on channel as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[provider_department_id, consumer_department_id]);
grant insert, select, update on channel to huitong_app;
grant select on channel to huitong_tick;
comment on table channel is '交换任务';

create table check_result (
  run_id uuid not null,
  "position" integer not null,
  code text collate "C" not null,
  indicator text collate "C" not null,
  judged numeric not null,
  broken numeric not null,
  constraint check_result_run_id_fkey FOREIGN KEY (run_id) REFERENCES check_run(id),
  constraint check_result_pkey PRIMARY KEY (run_id, "position")
);
alter table check_result enable row level security;
alter table check_result force row level security;
create policy check_result_all on check_result as permissive for all to public using (EXISTS ( SELECT
   FROM check_run r
  WHERE (r.id = check_result.run_id)));
grant insert, select on check_result to huitong_app;
comment on table check_result is 'what each rule judged and found: A and B of GB/T 36344';

create table check_run (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  suite_id uuid not null,
  dataset_id uuid not null,
  department_id uuid not null,
  kind text not null,
  work_order_id uuid,
  suite_version integer not null,
  rules jsonb not null,
  state text not null,
  as_of date not null,
  generation integer,
  changes integer,
  rows numeric,
  findings numeric,
  scans integer,
  milliseconds integer,
  key text[],
  total_score numeric(6,3),
  problem jsonb,
  requested_by uuid,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint check_run_kind_check CHECK ((kind = ANY (ARRAY['full'::text, 'recheck'::text]))),
  constraint check_run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text]))),
  constraint check_run_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint check_run_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint check_run_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES person(id),
  constraint check_run_suite_id_fkey FOREIGN KEY (suite_id) REFERENCES rule_suite(id),
  constraint check_run_work_order_id_fkey FOREIGN KEY (work_order_id) REFERENCES work_order(id),
  constraint check_run_pkey PRIMARY KEY (id),
  constraint check_run_number_key UNIQUE (number)
);
CREATE INDEX check_run_order ON public.check_run USING btree (created_at DESC, id);
CREATE INDEX check_run_queue ON public.check_run USING btree (created_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));
alter table check_run enable row level security;
alter table check_run force row level security;
create policy check_run_all on check_run as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on check_run to huitong_app;
comment on table check_run is '核验任务';

create table check_score (
  run_id uuid not null,
  dimension text collate "C" not null,
  judged numeric not null,
  right_count numeric not null,
  score numeric(6,3),
  constraint check_score_run_id_fkey FOREIGN KEY (run_id) REFERENCES check_run(id),
  constraint check_score_pkey PRIMARY KEY (run_id, dimension)
);
alter table check_score enable row level security;
alter table check_score force row level security;
create policy check_score_all on check_score as permissive for all to public using (EXISTS ( SELECT
   FROM check_run r
  WHERE (r.id = check_score.run_id)));
grant insert, select on check_score to huitong_app;
comment on table check_score is 'scores in the six dimensions of GB/T 36344';

create table code_set (
  id uuid not null,
  jurisdiction text collate "C" not null,
  code text collate "C" not null,
  name jsonb not null,
  source text not null,
  "national" boolean not null,
  updated_at timestamp with time zone not null,
  version integer not null default 1,
  constraint code_set_pkey PRIMARY KEY (id),
  constraint code_set_jurisdiction_code_key UNIQUE (jurisdiction, code)
);
alter table code_set enable row level security;
alter table code_set force row level security;
create policy code_set_read on code_set as permissive for select to public using huitong_within(jurisdiction);
create policy code_set_write on code_set as permissive for all to public using huitong_sees(jurisdiction, VARIADIC '{}'::uuid[]);
grant insert, select, update on code_set to huitong_app;
comment on table code_set is '代码集';

create table code_set_version (
  code_set_id uuid not null,
  number integer not null,
  label text collate "C" not null,
  codes jsonb not null,
  valid_from date,
  added_at timestamp with time zone not null,
  constraint code_set_version_code_set_id_fkey FOREIGN KEY (code_set_id) REFERENCES code_set(id),
  constraint code_set_version_pkey PRIMARY KEY (code_set_id, number),
  constraint code_set_version_code_set_id_label_key UNIQUE (code_set_id, label)
);
alter table code_set_version enable row level security;
alter table code_set_version force row level security;
create policy code_set_version_read on code_set_version as permissive for select to public using (EXISTS ( SELECT
   FROM code_set s
  WHERE (s.id = code_set_version.code_set_id)));
create policy code_set_version_write on code_set_version as permissive for all to public using (EXISTS ( SELECT
   FROM code_set s
  WHERE ((s.id = code_set_version.code_set_id) AND huitong_sees(s.jurisdiction, VARIADIC '{}'::uuid[]))));
grant insert, select on code_set_version to huitong_app;
comment on table code_set_version is 'versions of code sets: never changed, so that what was judged by one can be judged again';

create table correction (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  dataset_id uuid not null,
  provider_department_id uuid not null,
  applicant_department_id uuid not null,
  item text collate "C" not null,
  record text not null,
  reason text not null,
  state text not null,
  answer text,
  submitted_by uuid not null,
  answered_by uuid,
  submitted_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  answered_at timestamp with time zone,
  version integer not null default 1,
  constraint correction_state_check CHECK ((state = ANY (ARRAY['submitted'::text, 'corrected'::text, 'rejected'::text]))),
  constraint correction_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES person(id),
  constraint correction_applicant_department_id_fkey FOREIGN KEY (applicant_department_id) REFERENCES department(id),
  constraint correction_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint correction_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint correction_submitted_by_fkey FOREIGN KEY (submitted_by) REFERENCES person(id),
  constraint correction_pkey PRIMARY KEY (id),
  constraint correction_number_key UNIQUE (number)
);
CREATE INDEX correction_order ON public.correction USING btree (submitted_at DESC, id);
alter table correction enable row level security;
alter table correction force row level security;
create policy correction_all on correction as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[provider_department_id, applicant_department_id]);
grant insert, select, update on correction to huitong_app;
comment on table correction is '校核申请';

create table credential (
  person_id uuid not null,
  password text not null,
  changed_at timestamp with time zone not null,
  earlier text[] not null default '{}'::text[],
  failures integer not null default 0,
  locked_until timestamp with time zone,
  must_change boolean not null default false,
  constraint credential_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint credential_pkey PRIMARY KEY (person_id)
);
alter table credential enable row level security;
alter table credential force row level security;
create policy credential_own on credential as permissive for all to public using (huitong_system() OR ((person_id)::text = current_setting('huitong.actor'::text, true)) OR ((current_setting('huitong.accounts'::text, true) = 'on'::text) AND (EXISTS ( SELECT
   FROM person p
  WHERE (p.id = credential.person_id)))));
grant insert, select, update on credential to huitong_app;
grant select (person_id, failures, locked_until, must_change) on credential to huitong_tick;
grant update (failures, locked_until) on credential to huitong_tick;
comment on table credential is 'password hashes, apart from people so that no list can reach them';

create table data_element (
  id uuid not null,
  jurisdiction text collate "C" not null,
  identifier text collate "C" not null,
  content jsonb not null,
  state text not null,
  "national" boolean not null,
  updated_at timestamp with time zone not null,
  version integer not null default 1,
  constraint data_element_state_check CHECK ((state = ANY (ARRAY['in_force'::text, 'retired'::text]))),
  constraint data_element_pkey PRIMARY KEY (id),
  constraint data_element_jurisdiction_identifier_key UNIQUE (jurisdiction, identifier)
);
alter table data_element enable row level security;
alter table data_element force row level security;
create policy data_element_read on data_element as permissive for select to public using huitong_within(jurisdiction);
create policy data_element_write on data_element as permissive for all to public using huitong_sees(jurisdiction, VARIADIC '{}'::uuid[]);
grant insert, select, update on data_element to huitong_app;
comment on table data_element is '数据元';

create table data_element_version (
  element_id uuid not null,
  number integer not null,
  content jsonb not null,
  at timestamp with time zone not null,
  constraint data_element_version_element_id_fkey FOREIGN KEY (element_id) REFERENCES data_element(id),
  constraint data_element_version_pkey PRIMARY KEY (element_id, number)
);
alter table data_element_version enable row level security;
alter table data_element_version force row level security;
create policy data_element_version_read on data_element_version as permissive for select to public using (EXISTS ( SELECT
   FROM data_element e
  WHERE (e.id = data_element_version.element_id)));
create policy data_element_version_write on data_element_version as permissive for all to public using (EXISTS ( SELECT
   FROM data_element e
  WHERE ((e.id = data_element_version.element_id) AND huitong_sees(e.jurisdiction, VARIADIC '{}'::uuid[]))));
grant insert, select on data_element_version to huitong_app;
comment on table data_element_version is 'versions of data elements';

create table data_item (
  dataset_id uuid not null,
  dataset_version integer not null,
  "position" integer not null,
  code text collate "C" not null,
  name jsonb not null,
  type text not null,
  share_attribute text not null,
  level text not null,
  is_key boolean not null,
  jurisdiction text collate "C" not null,
  constraint data_item_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint data_item_pkey PRIMARY KEY (dataset_id, dataset_version, code)
);
alter table data_item enable row level security;
alter table data_item force row level security;
create policy data_item_read on data_item as permissive for select to public using (( SELECT huitong_system() AS huitong_system) OR (( SELECT huitong_known() AS huitong_known) AND (jurisdiction = ( SELECT current_setting('huitong.jurisdiction'::text, true) AS current_setting))));
create policy data_item_write on data_item as permissive for all to public using (EXISTS ( SELECT
   FROM dataset d
  WHERE ((d.id = data_item.dataset_id) AND (d.jurisdiction = data_item.jurisdiction) AND huitong_sees(d.jurisdiction, VARIADIC ARRAY[d.department_id]))));
grant insert, select, update on data_item to huitong_app;
comment on table data_item is '信息项 of published versions';

create table data_source (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  node_id uuid not null,
  name jsonb not null,
  kind text not null,
  settings jsonb not null,
  secrets bytea,
  usage text not null,
  front_database boolean not null,
  consent text,
  created_at timestamp with time zone not null,
  constraint data_source_check CHECK ((front_database OR (consent IS NOT NULL))),
  constraint data_source_usage_check CHECK ((usage = ANY (ARRAY['provide'::text, 'receive'::text, 'both'::text]))),
  constraint data_source_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint data_source_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint data_source_pkey PRIMARY KEY (id)
);
alter table data_source enable row level security;
alter table data_source force row level security;
create policy data_source_all on data_source as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on data_source to huitong_app;
grant select on data_source to huitong_tick;
comment on table data_source is '数据源';

create table dataset (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  code text collate "C" not null,
  official_code text collate "C",
  state text not null,
  live_version integer,
  pending_version integer,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  published_at timestamp with time zone,
  version integer not null default 1,
  constraint dataset_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'withdrawn'::text]))),
  constraint dataset_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint dataset_pkey PRIMARY KEY (id),
  constraint dataset_code_key UNIQUE (code),
  constraint dataset_official_code_key UNIQUE (official_code)
);
CREATE INDEX dataset_order ON public.dataset USING btree (updated_at DESC, id);
alter table dataset enable row level security;
alter table dataset force row level security;
create policy dataset_read on dataset as permissive for select to public using huitong_within(jurisdiction);
create policy dataset_write on dataset as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on dataset to huitong_app;
grant select on dataset to huitong_tick;
comment on table dataset is '信息资源（目录）';

create table dataset_search (
  dataset_id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  published boolean not null,
  pending text collate "C",
  updated_at timestamp with time zone not null,
  share text collate "C" not null,
  open text collate "C" not null,
  format text collate "C" not null,
  cycle text collate "C" not null,
  title text collate "C" not null,
  title_words text collate "C" not null,
  items text collate "C" not null,
  item_words text collate "C" not null,
  rest text collate "C" not null,
  scheme integer not null,
  dataset_version integer not null,
  department_version integer not null,
  constraint dataset_search_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint dataset_search_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint dataset_search_pkey PRIMARY KEY (dataset_id)
);
CREATE INDEX dataset_search_grams ON public.dataset_search USING gin (huitong_grams(VARIADIC ARRAY[title, items, rest])) WITH (fastupdate=off);
CREATE INDEX dataset_search_order ON public.dataset_search USING btree (updated_at DESC, dataset_id DESC);
alter table dataset_search enable row level security;
create policy dataset_search_insert on dataset_search as permissive for insert to public with check huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
create policy dataset_search_read on dataset_search as permissive for select to public using ((( SELECT current_setting('huitong.scope'::text, true) AS current_setting) = 'system'::text) OR ((jurisdiction = ( SELECT current_setting('huitong.jurisdiction'::text, true) AS current_setting)) AND ((( SELECT current_setting('huitong.scope'::text, true) AS current_setting) = 'jurisdiction'::text) OR ((( SELECT current_setting('huitong.scope'::text, true) AS current_setting) = 'department'::text) AND (published OR (department_id = ( SELECT (NULLIF(current_setting('huitong.department'::text, true), ''::text))::uuid AS "nullif")))))));
create policy dataset_search_update on dataset_search as permissive for update to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on dataset_search to huitong_app;
comment on table dataset_search is '目录检索 index, derived from the datasets';

create table dataset_version (
  dataset_id uuid not null,
  number integer not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  state text not null,
  content jsonb not null,
  name_zh text not null,
  opinion text,
  changed_at timestamp with time zone not null,
  changed_by uuid,
  submitted_by uuid,
  signed_by uuid,
  published_by uuid,
  constraint dataset_version_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'signed'::text, 'published'::text, 'returned'::text, 'superseded'::text]))),
  constraint dataset_version_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES person(id),
  constraint dataset_version_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint dataset_version_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint dataset_version_published_by_fkey FOREIGN KEY (published_by) REFERENCES person(id),
  constraint dataset_version_signed_by_fkey FOREIGN KEY (signed_by) REFERENCES person(id),
  constraint dataset_version_submitted_by_fkey FOREIGN KEY (submitted_by) REFERENCES person(id),
  constraint dataset_version_pkey PRIMARY KEY (dataset_id, number)
);
CREATE INDEX dataset_version_state ON public.dataset_version USING btree (state);
alter table dataset_version enable row level security;
alter table dataset_version force row level security;
create policy dataset_version_read on dataset_version as permissive for select to public using (huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]) OR ((state = ANY (ARRAY['published'::text, 'superseded'::text])) AND huitong_within(jurisdiction)));
create policy dataset_version_write on dataset_version as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on dataset_version to huitong_app;
grant select on dataset_version to huitong_tick;
comment on table dataset_version is '目录版本: a pending one stands beside the live one';

create table deadline_rule (
  jurisdiction text collate "C" not null,
  code text collate "C" not null,
  working_days integer not null,
  working_days_max integer not null,
  extension_max integer not null,
  words jsonb not null,
  source text not null,
  constraint deadline_rule_check CHECK (((working_days >= 1) AND (working_days <= working_days_max))),
  constraint deadline_rule_pkey PRIMARY KEY (jurisdiction, code)
);
alter table deadline_rule enable row level security;
alter table deadline_rule force row level security;
create policy deadline_rule_read on deadline_rule as permissive for select to public using huitong_within(jurisdiction);
create policy deadline_rule_write on deadline_rule as permissive for all to public using huitong_system();
grant insert, select, update on deadline_rule to huitong_app;
comment on table deadline_rule is '法定时限 rules: local values never above the statutory ceiling';

create table department (
  id uuid not null,
  jurisdiction text collate "C" not null,
  division text collate "C" not null,
  name jsonb not null,
  credit_code text collate "C" not null,
  parent_id uuid,
  kind text not null,
  valid_from date not null,
  valid_to date,
  successor_id uuid,
  version integer not null default 1,
  constraint department_check CHECK (((valid_to IS NULL) = (successor_id IS NULL))),
  constraint department_credit_code_check CHECK ((length(credit_code) = 18)),
  constraint department_kind_check CHECK ((kind = ANY (ARRAY['department'::text, 'bureau'::text, 'data_centre'::text, 'institution'::text]))),
  constraint department_division_fkey FOREIGN KEY (division) REFERENCES region(code),
  constraint department_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES department(id),
  constraint department_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES department(id),
  constraint department_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX department_credit_code ON public.department USING btree (credit_code) WHERE (valid_to IS NULL);
alter table department enable row level security;
alter table department force row level security;
create policy department_all on department as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on department to huitong_app;
grant select on department to huitong_tick;
comment on table department is '部门; an abolished one names its successor';

create table distribution (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  dataset_id uuid not null,
  kind text not null,
  source_id uuid not null,
  table_id uuid not null,
  mapping jsonb not null,
  schema_hash text not null,
  created_at timestamp with time zone not null,
  convention jsonb,
  unlisted jsonb,
  constraint distribution_kind_check CHECK ((kind = ANY (ARRAY['table'::text, 'file'::text, 'service'::text]))),
  constraint distribution_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint distribution_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint distribution_source_id_fkey FOREIGN KEY (source_id) REFERENCES data_source(id),
  constraint distribution_table_id_fkey FOREIGN KEY (table_id) REFERENCES source_table(id),
  constraint distribution_pkey PRIMARY KEY (id),
  constraint distribution_dataset_id_kind_key UNIQUE (dataset_id, kind)
);
alter table distribution enable row level security;
alter table distribution force row level security;
create policy distribution_read on distribution as permissive for select to public using huitong_within(jurisdiction);
create policy distribution_write on distribution as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on distribution to huitong_app;
comment on table distribution is '资源挂接';

create table event (
  id bigint generated always as identity not null,
  xid xid8 not null default pg_current_xact_id(),
  at timestamp with time zone not null,
  type text collate "C" not null,
  payload jsonb not null,
  constraint event_pkey PRIMARY KEY (id)
);
CREATE INDEX event_by_type ON public.event USING btree (type, xid, id);
CREATE INDEX event_sequence ON public.event USING btree (xid, id);
alter table event enable row level security;
alter table event force row level security;
create policy event_insert on event as permissive for insert to public with check true;
create policy event_read on event as permissive for select to public using huitong_system();
grant select on event to huitong_app;
grant select on event to huitong_tick;
grant insert (at, type, payload) on event to huitong_app;
comment on table event is 'outbox: facts that travel to other modules';

create table event_cursor (
  subscriber text collate "C" not null,
  xid xid8 not null default '0'::xid8,
  id bigint not null default 0,
  failures integer not null default 0,
  problem text,
  retry_at timestamp with time zone,
  constraint event_cursor_pkey PRIMARY KEY (subscriber)
);
alter table event_cursor enable row level security;
alter table event_cursor force row level security;
create policy event_cursor_read on event_cursor as permissive for select to public using (huitong_system() OR (current_setting('huitong.scope'::text, true) = 'jurisdiction'::text));
create policy event_cursor_write on event_cursor as permissive for all to public using huitong_system();
grant insert, select, update on event_cursor to huitong_app;
grant delete, insert, select, update on event_cursor to huitong_tick;
comment on table event_cursor is 'how far each subscriber has read, below every open transaction';

create table ferry_sent (
  node_id uuid not null,
  about text collate "C" not null,
  mark text collate "C" not null,
  at timestamp with time zone not null,
  constraint ferry_sent_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint ferry_sent_pkey PRIMARY KEY (node_id, about)
);
alter table ferry_sent enable row level security;
alter table ferry_sent force row level security;
create policy ferry_sent_all on ferry_sent as permissive for all to public using huitong_system();
grant delete, insert, select, update on ferry_sent to huitong_tick;
comment on table ferry_sent is 'technical: which orders and segments were laid out for a ferried node';

create table file_delivery (
  stream_id uuid not null,
  generation integer not null,
  sequence integer not null,
  at integer not null,
  channel_id uuid not null,
  path text collate "C" not null,
  bytes numeric not null,
  digest text collate "C" not null,
  announced_at timestamp with time zone not null,
  constraint file_delivery_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
  constraint file_delivery_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint file_delivery_stream_id_generation_sequence_fkey FOREIGN KEY (stream_id, generation, sequence) REFERENCES segment(stream_id, generation, sequence),
  constraint file_delivery_pkey PRIMARY KEY (stream_id, generation, sequence, at)
);
CREATE INDEX file_delivery_channel ON public.file_delivery USING btree (channel_id, announced_at DESC);
CREATE INDEX file_delivery_path ON public.file_delivery USING btree (channel_id, md5(path), announced_at DESC);
alter table file_delivery enable row level security;
alter table file_delivery force row level security;
create policy file_delivery_all on file_delivery as permissive for all to public using (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = file_delivery.channel_id)));
grant insert, select on file_delivery to huitong_app;
comment on table file_delivery is '已交换文件';

create table front_table (
  distribution_id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  table_id uuid not null,
  clean_after_days integer,
  in_table jsonb,
  cleaned numeric not null default 0,
  looked_at timestamp with time zone,
  marked_at timestamp with time zone,
  cleaned_at timestamp with time zone,
  work_id uuid,
  problem jsonb,
  next_at timestamp with time zone not null,
  version integer not null default 1,
  constraint front_table_clean_after_days_check CHECK (((clean_after_days >= 1) AND (clean_after_days <= 3650))),
  constraint front_table_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint front_table_distribution_id_fkey FOREIGN KEY (distribution_id) REFERENCES distribution(id),
  constraint front_table_table_id_fkey FOREIGN KEY (table_id) REFERENCES source_table(id),
  constraint front_table_work_id_fkey FOREIGN KEY (work_id) REFERENCES node_work(id),
  constraint front_table_pkey PRIMARY KEY (distribution_id)
);
alter table front_table enable row level security;
alter table front_table force row level security;
create policy front_table_all on front_table as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on front_table to huitong_app;
comment on table front_table is '前置推送表的标记与清理';

create table fusion_decision (
  id uuid not null,
  jurisdiction text collate "C" not null,
  library text not null,
  run_id uuid not null,
  one text collate "C" not null,
  other text collate "C" not null,
  verdict text not null,
  note text,
  decided_by uuid not null,
  decided_at timestamp with time zone not null,
  constraint fusion_decision_library_check CHECK ((library = ANY (ARRAY['person'::text, 'firm'::text]))),
  constraint fusion_decision_verdict_check CHECK ((verdict = ANY (ARRAY['same'::text, 'different'::text, 'later'::text]))),
  constraint fusion_decision_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES person(id),
  constraint fusion_decision_run_id_fkey FOREIGN KEY (run_id) REFERENCES fusion_run(id),
  constraint fusion_decision_pkey PRIMARY KEY (id)
);
CREATE INDEX fusion_decision_pair ON public.fusion_decision USING btree (library, one, other);
alter table fusion_decision enable row level security;
alter table fusion_decision force row level security;
create policy fusion_decision_all on fusion_decision as permissive for all to public using huitong_within(jurisdiction);
grant insert, select on fusion_decision to huitong_app;
comment on table fusion_decision is '融合复核: what persons said of two records, never changed; the latest counts';

create table fusion_run (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  library text not null,
  department_id uuid not null,
  settings_version integer not null,
  settings jsonb not null,
  state text not null,
  as_of date not null,
  read jsonb,
  figures jsonb,
  problem jsonb,
  requested_by uuid not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint fusion_run_library_check CHECK ((library = ANY (ARRAY['person'::text, 'firm'::text]))),
  constraint fusion_run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'stopping'::text, 'stopped'::text, 'done'::text, 'failed'::text]))),
  constraint fusion_run_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint fusion_run_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES person(id),
  constraint fusion_run_pkey PRIMARY KEY (id),
  constraint fusion_run_number_key UNIQUE (number)
);
CREATE UNIQUE INDEX fusion_run_busy ON public.fusion_run USING btree (jurisdiction, library) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text, 'stopping'::text]));
CREATE INDEX fusion_run_order ON public.fusion_run USING btree (library, created_at DESC, id);
alter table fusion_run enable row level security;
alter table fusion_run force row level security;
create policy fusion_run_all on fusion_run as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on fusion_run to huitong_app;
comment on table fusion_run is '融合任务';

create table fusion_settings (
  jurisdiction text collate "C" not null,
  library text not null,
  version integer not null,
  settings jsonb not null,
  updated_by uuid not null,
  updated_at timestamp with time zone not null,
  constraint fusion_settings_library_check CHECK ((library = ANY (ARRAY['person'::text, 'firm'::text]))),
  constraint fusion_settings_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES person(id),
  constraint fusion_settings_pkey PRIMARY KEY (jurisdiction, library)
);
alter table fusion_settings enable row level security;
alter table fusion_settings force row level security;
create policy fusion_settings_all on fusion_settings as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on fusion_settings to huitong_app;
comment on table fusion_settings is '融合定义';

create table idempotency (
  actor text not null,
  key text not null,
  endpoint text not null,
  request_hash bytea not null,
  status integer not null,
  reply jsonb not null,
  at timestamp with time zone not null,
  constraint idempotency_pkey PRIMARY KEY (actor, key)
);
alter table idempotency enable row level security;
alter table idempotency force row level security;
create policy idempotency_own on idempotency as permissive for all to public using (huitong_system() OR (actor = current_setting('huitong.actor'::text, true)));
grant delete, insert, select, update on idempotency to huitong_app;
grant delete, select on idempotency to huitong_tick;
comment on table idempotency is 'replies of writes that carried an Idempotency-Key';

create table incident (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  rule text collate "C" not null,
  level integer not null,
  state text not null,
  clock text not null,
  opened_at timestamp with time zone not null,
  response_due_at timestamp with time zone not null,
  restore_due_at timestamp with time zone not null,
  responded_at timestamp with time zone,
  restored_at timestamp with time zone,
  acknowledged_by uuid,
  assignee_id uuid,
  recovered_at timestamp with time zone,
  closed_at timestamp with time zone,
  closed_by uuid,
  version integer not null default 1,
  constraint incident_clock_check CHECK ((clock = ANY (ARRAY['natural'::text, 'working'::text]))),
  constraint incident_level_check CHECK (((level >= 1) AND (level <= 3))),
  constraint incident_state_check CHECK ((state = ANY (ARRAY['open'::text, 'handling'::text, 'recovered'::text, 'closed'::text]))),
  constraint incident_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES person(id),
  constraint incident_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES person(id),
  constraint incident_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES person(id),
  constraint incident_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint incident_pkey PRIMARY KEY (id),
  constraint incident_number_key UNIQUE (number)
);
CREATE INDEX incident_open ON public.incident USING btree (rule, department_id) WHERE (state <> 'closed'::text);
CREATE INDEX incident_order ON public.incident USING btree (opened_at DESC, id);
alter table incident enable row level security;
alter table incident force row level security;
create policy incident_all on incident as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on incident to huitong_app;
comment on table incident is '故障';

create table incident_note (
  id bigint generated always as identity not null,
  incident_id uuid not null,
  kind text not null,
  person_id uuid,
  content text,
  at timestamp with time zone not null,
  constraint incident_note_kind_check CHECK ((kind = ANY (ARRAY['opened'::text, 'alert'::text, 'acknowledged'::text, 'assigned'::text, 'note'::text, 'recovered'::text, 'reopened'::text, 'closed'::text]))),
  constraint incident_note_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident(id),
  constraint incident_note_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint incident_note_pkey PRIMARY KEY (id)
);
CREATE INDEX incident_note_incident ON public.incident_note USING btree (incident_id, id);
alter table incident_note enable row level security;
alter table incident_note force row level security;
create policy incident_note_all on incident_note as permissive for all to public using (EXISTS ( SELECT
   FROM incident i
  WHERE (i.id = incident_note.incident_id)));
grant insert, select on incident_note to huitong_app;
comment on table incident_note is '故障处置记录: insert-only';

create table increment (
  id uuid not null,
  channel_id uuid not null,
  number integer not null,
  cause text not null,
  state text not null,
  from_cursor jsonb not null,
  to_cursor jsonb,
  source_rows numeric,
  applied jsonb,
  held jsonb,
  problem jsonb,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint increment_cause_check CHECK ((cause = ANY (ARRAY['schedule'::text, 'person'::text, 'reconciliation'::text]))),
  constraint increment_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'empty'::text, 'failed'::text, 'stopped'::text]))),
  constraint increment_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint increment_pkey PRIMARY KEY (id),
  constraint increment_channel_id_number_key UNIQUE (channel_id, number)
);
CREATE UNIQUE INDEX increment_running ON public.increment USING btree (channel_id) WHERE (state = 'running'::text);
alter table increment enable row level security;
alter table increment force row level security;
create policy increment_all on increment as permissive for all to public using (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = increment.channel_id)));
grant insert, select, update on increment to huitong_app;
comment on table increment is '增量';

create table item_binding (
  dataset_id uuid not null,
  item text collate "C" not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  element_id uuid,
  code_set_id uuid,
  code_set_label text collate "C",
  bound_by uuid not null,
  bound_at timestamp with time zone not null,
  constraint item_binding_check CHECK (((element_id IS NOT NULL) OR (code_set_id IS NOT NULL))),
  constraint item_binding_check1 CHECK (((code_set_id IS NULL) = (code_set_label IS NULL))),
  constraint item_binding_bound_by_fkey FOREIGN KEY (bound_by) REFERENCES person(id),
  constraint item_binding_code_set_id_fkey FOREIGN KEY (code_set_id) REFERENCES code_set(id),
  constraint item_binding_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint item_binding_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint item_binding_element_id_fkey FOREIGN KEY (element_id) REFERENCES data_element(id),
  constraint item_binding_pkey PRIMARY KEY (dataset_id, item)
);
CREATE INDEX item_binding_element ON public.item_binding USING btree (element_id);
alter table item_binding enable row level security;
alter table item_binding force row level security;
create policy item_binding_all on item_binding as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant delete, insert, select, update on item_binding to huitong_app;
comment on table item_binding is '落标: items bound to data elements and code sets';

create table lake_file (
  stream_id uuid not null,
  generation integer not null,
  sequence integer not null,
  channel_id uuid not null,
  kind text not null,
  final boolean not null,
  rows numeric not null,
  bytes numeric not null,
  problem text,
  written_at timestamp with time zone not null,
  constraint lake_file_kind_check CHECK ((kind = ANY (ARRAY['copy'::text, 'changes'::text]))),
  constraint lake_file_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint lake_file_stream_id_generation_sequence_fkey FOREIGN KEY (stream_id, generation, sequence) REFERENCES segment(stream_id, generation, sequence),
  constraint lake_file_pkey PRIMARY KEY (stream_id, generation, sequence)
);
CREATE INDEX lake_file_channel ON public.lake_file USING btree (channel_id);
alter table lake_file enable row level security;
alter table lake_file force row level security;
create policy lake_file_all on lake_file as permissive for all to public using (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = lake_file.channel_id)));
grant insert, select on lake_file to huitong_app;
comment on table lake_file is '归集层: files of the lake';

create table landing_count (
  channel_id uuid not null,
  counted_at timestamp with time zone not null,
  generation integer not null,
  sequence integer not null,
  position_at text not null,
  rows numeric not null,
  bytes numeric not null,
  constraint landing_count_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint landing_count_pkey PRIMARY KEY (channel_id, counted_at)
);
alter table landing_count enable row level security;
alter table landing_count force row level security;
create policy landing_count_all on landing_count as permissive for all to public using (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = landing_count.channel_id)));
grant insert, select on landing_count to huitong_app;
comment on table landing_count is '数据资产: rows and bytes of a landed table, counted in the centre''s own database';

create table lease (
  name text collate "C" not null,
  holder uuid not null,
  fence bigint not null,
  until timestamp with time zone not null,
  constraint lease_pkey PRIMARY KEY (name)
);
alter table lease enable row level security;
alter table lease force row level security;
create policy lease_system on lease as permissive for all to public using huitong_system();
grant delete, insert, select, update on lease to huitong_tick;
comment on table lease is 'who runs a job now; the fence grows with each new holder';

create table ledger_checkpoint (
  origin text collate "C" not null,
  checkpoint text not null,
  size bigint not null,
  constraint ledger_checkpoint_pkey PRIMARY KEY (origin)
);
alter table ledger_checkpoint enable row level security;
alter table ledger_checkpoint force row level security;
create policy ledger_checkpoint_system on ledger_checkpoint as permissive for all to public using huitong_system();
grant select on ledger_checkpoint to huitong_app;
grant insert, select, update on ledger_checkpoint to huitong_tick;
comment on table ledger_checkpoint is '检查点: compare-and-swap of the signed checkpoint';

create table legal_clock (
  one boolean not null default true,
  offset_seconds integer not null default 0,
  constraint legal_clock_one_check CHECK (one),
  constraint legal_clock_pkey PRIMARY KEY (one)
);
grant insert, select, update on legal_clock to huitong_app;
grant select on legal_clock to huitong_tick;
comment on table legal_clock is '法定时间 offset; only demo mode can move it';

create table library_part (
  jurisdiction text collate "C" not null,
  library text not null,
  "position" integer not null,
  channel_id uuid not null,
  key_item text collate "C" not null,
  constraint library_part_library_check CHECK ((library = ANY (ARRAY['person'::text, 'firm'::text]))),
  constraint library_part_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint library_part_pkey PRIMARY KEY (jurisdiction, library, channel_id)
);
alter table library_part enable row level security;
alter table library_part force row level security;
create policy library_part_all on library_part as permissive for all to public using huitong_within(jurisdiction);
grant delete, insert, select, update on library_part to huitong_app;
comment on table library_part is '基础库: landed tables that are asked together by one number';

create table lineage_job (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  namespace text collate "C" not null,
  name text collate "C" not null,
  run_id uuid not null,
  event_type text not null,
  event_at timestamp with time zone not null,
  inputs jsonb not null,
  outputs jsonb not null,
  in_datasets uuid[] not null,
  out_datasets uuid[] not null,
  in_names text[] collate "C" not null,
  out_names text[] collate "C" not null,
  reported_by uuid not null,
  updated_at timestamp with time zone not null,
  constraint lineage_job_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint lineage_job_reported_by_fkey FOREIGN KEY (reported_by) REFERENCES person(id),
  constraint lineage_job_pkey PRIMARY KEY (id)
);
CREATE INDEX lineage_job_in ON public.lineage_job USING gin (in_datasets);
CREATE INDEX lineage_job_in_names ON public.lineage_job USING gin (in_names);
CREATE INDEX lineage_job_name ON public.lineage_job USING btree (department_id, namespace, name);
CREATE INDEX lineage_job_out ON public.lineage_job USING gin (out_datasets);
CREATE INDEX lineage_job_out_names ON public.lineage_job USING gin (out_names);
alter table lineage_job enable row level security;
alter table lineage_job force row level security;
create policy lineage_job_all on lineage_job as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant delete, insert, select, update on lineage_job to huitong_app;
comment on table lineage_job is '外部血缘步骤: steps of other systems, as reported';

create table migration (
  number integer not null,
  name text not null,
  hash text not null,
  breaking boolean not null,
  applied_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (number)
);
grant select on migration to huitong_app;

create table node (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  name jsonb not null,
  enrolment_hash bytea,
  enrolment_expires_at timestamp with time zone,
  signing_key bytea,
  sealing_key bytea,
  key_id text collate "C",
  version text,
  created_at timestamp with time zone not null,
  link text collate "C" not null default 'line'::text,
  constraint node_link_check CHECK ((link = ANY (ARRAY['line'::text, 'ferry'::text, 'ferry_in'::text, 'ferry_out'::text, 'hand'::text]))),
  constraint node_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint node_pkey PRIMARY KEY (id),
  constraint node_key_id_key UNIQUE (key_id)
);
alter table node enable row level security;
alter table node force row level security;
create policy node_all on node as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on node to huitong_app;
grant select on node to huitong_tick;
comment on table node is '前置节点: an agent at a department';

create table node_call (
  id uuid not null,
  node_id uuid not null,
  asked_at timestamp with time zone not null,
  until timestamp with time zone not null,
  request bytea not null,
  taken_at timestamp with time zone,
  reply bytea,
  constraint node_call_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint node_call_pkey PRIMARY KEY (id)
);
CREATE INDEX node_call_waiting ON public.node_call USING btree (node_id, asked_at) WHERE (taken_at IS NULL);
alter table node_call enable row level security;
alter table node_call force row level security;
create policy node_call_system on node_call as permissive for all to public using huitong_system();
grant delete, insert, select, update on node_call to huitong_tick;
comment on table node_call is 'technical: calls on their way through a node';

create table node_crossing (
  node_id uuid not null,
  state jsonb not null,
  at timestamp with time zone not null,
  constraint node_crossing_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint node_crossing_pkey PRIMARY KEY (node_id)
);
alter table node_crossing enable row level security;
alter table node_crossing force row level security;
create policy node_crossing_read on node_crossing as permissive for select to public using (huitong_system() OR (EXISTS ( SELECT
   FROM node n
  WHERE (n.id = node_crossing.node_id))));
create policy node_crossing_write on node_crossing as permissive for all to public using huitong_system();
grant select on node_crossing to huitong_app;
grant insert, select, update on node_crossing to huitong_tick;
comment on table node_crossing is 'technical: how far the files of a ferried node have crossed';

create table node_log (
  node_id uuid not null,
  lines jsonb not null,
  at timestamp with time zone not null,
  constraint node_log_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id) ON DELETE CASCADE,
  constraint node_log_pkey PRIMARY KEY (node_id)
);
alter table node_log enable row level security;
alter table node_log force row level security;
create policy node_log_read on node_log as permissive for select to public using (huitong_system() OR (EXISTS ( SELECT
   FROM node n
  WHERE ((n.id = node_log.node_id) AND huitong_sees(n.jurisdiction, VARIADIC ARRAY[n.department_id])))));
create policy node_log_write on node_log as permissive for all to public using huitong_system();
grant select on node_log to huitong_app;
grant insert, select, update on node_log to huitong_tick;
comment on table node_log is 'technical: the last lines of the log of a node';

create table node_presence (
  node_id uuid not null,
  boot uuid not null,
  seen_at timestamp with time zone not null,
  version text,
  constraint node_presence_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint node_presence_pkey PRIMARY KEY (node_id)
);
alter table node_presence enable row level security;
alter table node_presence force row level security;
create policy node_presence_read on node_presence as permissive for select to public using (huitong_system() OR (EXISTS ( SELECT
   FROM node n
  WHERE (n.id = node_presence.node_id))));
create policy node_presence_write on node_presence as permissive for all to public using huitong_system();
grant select on node_presence to huitong_app;
grant insert, select, update on node_presence to huitong_tick;
comment on table node_presence is 'technical: last sign of life of a node';

create table node_work (
  id uuid not null,
  node_id uuid not null,
  kind text not null,
  subject_kind text not null,
  subject_id uuid not null,
  input jsonb not null,
  state text not null,
  fence bigint not null default 0,
  boot uuid,
  lease_until timestamp with time zone,
  progress jsonb,
  result jsonb,
  problem jsonb,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  poll integer,
  constraint node_work_kind_check CHECK ((kind = ANY (ARRAY['discover'::text, 'read'::text, 'apply'::text, 'reconcile'::text, 'repair'::text, 'capture'::text, 'slot'::text, 'release'::text, 'mark'::text]))),
  constraint node_work_poll_check CHECK ((poll > 0)),
  constraint node_work_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'leased'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
  constraint node_work_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint node_work_pkey PRIMARY KEY (id)
);
CREATE INDEX node_work_open ON public.node_work USING btree (node_id, created_at) WHERE (state = ANY (ARRAY['queued'::text, 'leased'::text]));
CREATE INDEX node_work_order ON public.node_work USING btree (created_at DESC, id);
CREATE INDEX node_work_subject ON public.node_work USING btree (subject_kind, subject_id);
alter table node_work enable row level security;
alter table node_work force row level security;
create policy node_work_all on node_work as permissive for all to public using (huitong_system() OR (EXISTS ( SELECT
   FROM node n
  WHERE ((n.id = node_work.node_id) AND huitong_sees(n.jurisdiction, VARIADIC ARRAY[n.department_id])))) OR ((subject_kind = 'channel'::text) AND (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = node_work.subject_id)))) OR ((subject_kind = 'reconciliation'::text) AND (EXISTS ( SELECT
   FROM reconciliation r
  WHERE (r.id = node_work.subject_id)))));
grant insert, select, update on node_work to huitong_app;
grant select on node_work to huitong_tick;
grant update (state, fence, boot, lease_until, progress, poll) on node_work to huitong_tick;
comment on table node_work is 'work for nodes: the truth about a run is here, with lease and fence';

create table number_sequence (
  prefix text collate "C" not null,
  last integer not null,
  constraint number_sequence_pkey PRIMARY KEY (prefix)
);
alter table number_sequence enable row level security;
alter table number_sequence force row level security;
create policy number_sequence_owner on number_sequence as permissive for all to public using (CURRENT_USER <> ALL (ARRAY['huitong_app'::name, 'huitong_tick'::name]));

create table obligation (
  id uuid not null,
  jurisdiction text collate "C" not null,
  rule text not null,
  subject_kind text not null,
  subject_id uuid not null,
  department_id uuid not null,
  started_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  extended_to timestamp with time zone,
  fulfilled_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  overdue_at timestamp with time zone,
  version integer not null default 1,
  constraint obligation_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint obligation_pkey PRIMARY KEY (id)
);
CREATE INDEX obligation_open ON public.obligation USING btree (due_at) WHERE ((fulfilled_at IS NULL) AND (cancelled_at IS NULL));
CREATE INDEX obligation_subject ON public.obligation USING btree (subject_kind, subject_id);
alter table obligation enable row level security;
alter table obligation force row level security;
create policy obligation_all on obligation as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on obligation to huitong_app;
comment on table obligation is '法定时限 that runs';

create table person (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  account text collate "C" not null,
  name text not null,
  disabled boolean not null default false,
  version integer not null default 1,
  constraint person_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint person_pkey PRIMARY KEY (id),
  constraint person_account_key UNIQUE (account)
);
CREATE INDEX person_department ON public.person USING btree (department_id);
alter table person enable row level security;
alter table person force row level security;
create policy person_all on person as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on person to huitong_app;
grant select on person to huitong_tick;
comment on table person is '人员';

create table person_role (
  person_id uuid not null,
  role text collate "C" not null,
  constraint person_role_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint person_role_role_fkey FOREIGN KEY (role) REFERENCES role(name),
  constraint person_role_pkey PRIMARY KEY (person_id, role)
);
alter table person_role enable row level security;
alter table person_role force row level security;
create policy person_role_all on person_role as permissive for all to public using (EXISTS ( SELECT
   FROM person p
  WHERE (p.id = person_role.person_id)));
grant delete, insert, select, update on person_role to huitong_app;
grant select on person_role to huitong_tick;

create table platform_key (
  name text collate "C" not null,
  sealed bytea not null,
  public_key bytea not null,
  constraint platform_key_pkey PRIMARY KEY (name)
);
alter table platform_key enable row level security;
alter table platform_key force row level security;
create policy platform_key_system on platform_key as permissive for all to public using huitong_system();
grant insert, select on platform_key to huitong_app;
comment on table platform_key is 'the keys of the platform';

create table proxied_service (
  service_id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  provider_department_id uuid not null,
  base_url text not null,
  operations jsonb not null,
  timeout_ms integer not null,
  reply_bytes_max integer not null,
  credential_header text,
  credential bytea,
  node_id uuid,
  constraint proxied_service_check CHECK (((credential_header IS NULL) = (credential IS NULL))),
  constraint proxied_service_reply_bytes_max_check CHECK (((reply_bytes_max >= 1024) AND (reply_bytes_max <= 5242880))),
  constraint proxied_service_timeout_ms_check CHECK (((timeout_ms >= 100) AND (timeout_ms <= 30000))),
  constraint proxied_service_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint proxied_service_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint proxied_service_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint proxied_service_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id),
  constraint proxied_service_pkey PRIMARY KEY (service_id)
);
alter table proxied_service enable row level security;
alter table proxied_service force row level security;
create policy proxied_service_read on proxied_service as permissive for select to public using huitong_within(jurisdiction);
create policy proxied_service_write on proxied_service as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id, provider_department_id]);
grant insert, select, update on proxied_service to huitong_app;
grant select on proxied_service to huitong_tick;
comment on table proxied_service is '代理接口: where a service of a department is, and what may be asked of it';

create table question (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  person_id uuid not null,
  text text not null,
  tables jsonb not null,
  state text not null,
  faults jsonb not null default '[]'::jsonb,
  rows integer,
  more boolean not null default false,
  bytes bigint,
  milliseconds integer,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint question_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'stopping'::text, 'stopped'::text]))),
  constraint question_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint question_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint question_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX question_of_person ON public.question USING btree (person_id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text, 'stopping'::text]));
CREATE INDEX question_open ON public.question USING btree (created_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text, 'stopping'::text]));
CREATE INDEX question_order ON public.question USING btree (person_id, created_at DESC, id);
alter table question enable row level security;
alter table question force row level security;
create policy question_all on question as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on question to huitong_app;
comment on table question is '分析查询; who asked what stays on record';

create table recipe (
  id uuid not null,
  jurisdiction text collate "C" not null,
  dataset_id uuid not null,
  department_id uuid not null,
  steps jsonb not null,
  examples jsonb not null,
  updated_by uuid not null,
  updated_at timestamp with time zone not null,
  version integer not null default 1,
  constraint recipe_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint recipe_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint recipe_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES person(id),
  constraint recipe_pkey PRIMARY KEY (id),
  constraint recipe_dataset_id_key UNIQUE (dataset_id)
);
alter table recipe enable row level security;
alter table recipe force row level security;
create policy recipe_all on recipe as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on recipe to huitong_app;
comment on table recipe is '清洗方案';

create table recipe_run (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  recipe_id uuid not null,
  recipe_version integer not null,
  dataset_id uuid not null,
  department_id uuid not null,
  steps jsonb not null,
  state text not null,
  generation integer,
  changes integer,
  rows numeric,
  rows_left numeric,
  rows_changed numeric,
  step_rows jsonb,
  bytes bigint,
  milliseconds integer,
  problem jsonb,
  requested_by uuid not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  undone_by uuid,
  undone_at timestamp with time zone,
  constraint recipe_run_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'undone'::text]))),
  constraint recipe_run_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint recipe_run_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint recipe_run_recipe_id_fkey FOREIGN KEY (recipe_id) REFERENCES recipe(id),
  constraint recipe_run_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES person(id),
  constraint recipe_run_undone_by_fkey FOREIGN KEY (undone_by) REFERENCES person(id),
  constraint recipe_run_pkey PRIMARY KEY (id),
  constraint recipe_run_number_key UNIQUE (number)
);
CREATE INDEX recipe_run_order ON public.recipe_run USING btree (recipe_id, created_at DESC, id);
alter table recipe_run enable row level security;
alter table recipe_run force row level security;
create policy recipe_run_all on recipe_run as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on recipe_run to huitong_app;
comment on table recipe_run is 'runs of recipes; the newest that is done is the governed table';

create table recipe_version (
  recipe_id uuid not null,
  version integer not null,
  steps jsonb not null,
  examples jsonb not null,
  by_person uuid not null,
  at timestamp with time zone not null,
  constraint recipe_version_by_person_fkey FOREIGN KEY (by_person) REFERENCES person(id),
  constraint recipe_version_recipe_id_fkey FOREIGN KEY (recipe_id) REFERENCES recipe(id),
  constraint recipe_version_pkey PRIMARY KEY (recipe_id, version)
);
alter table recipe_version enable row level security;
alter table recipe_version force row level security;
create policy recipe_version_all on recipe_version as permissive for all to public using (EXISTS ( SELECT
   FROM recipe r
  WHERE (r.id = recipe_version.recipe_id)));
grant insert, select on recipe_version to huitong_app;
comment on table recipe_version is 'versions of recipes, never changed';

create table reconciliation (
  id uuid not null,
  channel_id uuid not null,
  jurisdiction text collate "C" not null,
  provider_department_id uuid not null,
  consumer_department_id uuid not null,
  state text not null,
  phase text not null,
  buckets integer not null,
  source_work_id uuid,
  target_work_id uuid,
  source_rows numeric,
  target_rows numeric,
  buckets_different integer not null default 0,
  differences jsonb not null default '[]'::jsonb,
  differences_total numeric not null default 0,
  report text,
  report_signature bytea,
  report_key_id text,
  repair jsonb,
  problem jsonb,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  version integer not null default 1,
  "position" text,
  in_flight integer not null default 0,
  snapshot text,
  resync boolean not null default false,
  constraint reconciliation_phase_check CHECK ((phase = ANY (ARRAY['slot'::text, 'catch_up'::text, 'buckets'::text, 'rows'::text, 'done'::text]))),
  constraint reconciliation_state_check CHECK ((state = ANY (ARRAY['running'::text, 'equal'::text, 'different'::text, 'failed'::text, 'repairing'::text, 'repaired'::text]))),
  constraint reconciliation_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint reconciliation_consumer_department_id_fkey FOREIGN KEY (consumer_department_id) REFERENCES department(id),
  constraint reconciliation_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint reconciliation_pkey PRIMARY KEY (id)
);
CREATE INDEX reconciliation_channel ON public.reconciliation USING btree (channel_id, started_at DESC);
alter table reconciliation enable row level security;
alter table reconciliation force row level security;
create policy reconciliation_all on reconciliation as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[provider_department_id, consumer_department_id]);
grant insert, select, update on reconciliation to huitong_app;
grant select on reconciliation to huitong_tick;
comment on table reconciliation is '对账';

create table region (
  code text collate "C" not null,
  name jsonb not null,
  level text not null,
  parent text collate "C",
  valid_from date not null,
  valid_to date,
  source text not null,
  constraint region_code_check CHECK ((code ~ '^\d{6}$'::text)),
  constraint region_level_check CHECK ((level = ANY (ARRAY['province'::text, 'prefecture'::text, 'county'::text]))),
  constraint region_parent_fkey FOREIGN KEY (parent) REFERENCES region(code),
  constraint region_pkey PRIMARY KEY (code)
);
alter table region enable row level security;
alter table region force row level security;
create policy region_read on region as permissive for select to public using huitong_known();
create policy region_write on region as permissive for all to public using huitong_system();
grant insert, select, update on region to huitong_app;
comment on table region is '行政区划 GB/T 2260, with validity';

create table reject_box (
  stream_id uuid not null,
  generation integer not null,
  first integer not null,
  rows integer not null,
  channel_id uuid not null,
  box text not null,
  kept_at timestamp with time zone not null,
  constraint reject_box_rows_check CHECK ((rows > 0)),
  constraint reject_box_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint reject_box_stream_id_generation_fkey FOREIGN KEY (stream_id, generation) REFERENCES stream(id, generation),
  constraint reject_box_pkey PRIMARY KEY (stream_id, generation, first)
);
CREATE INDEX reject_box_channel ON public.reject_box USING btree (channel_id, generation, first);
alter table reject_box enable row level security;
alter table reject_box force row level security;
create policy reject_box_all on reject_box as permissive for all to public using (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = reject_box.channel_id)));
grant delete, insert, select on reject_box to huitong_app;
comment on table reject_box is '拒收记录';

create table request_decision (
  id bigint generated always as identity not null,
  request_id uuid not null,
  step text not null,
  decision text not null,
  reason text,
  detail jsonb,
  person_id uuid not null,
  department_id uuid not null,
  at timestamp with time zone not null,
  legal_at timestamp with time zone not null,
  constraint request_decision_decision_check CHECK ((decision = ANY (ARRAY['agree'::text, 'refuse'::text, 'return'::text]))),
  constraint request_decision_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint request_decision_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint request_decision_request_id_fkey FOREIGN KEY (request_id) REFERENCES access_request(id),
  constraint request_decision_pkey PRIMARY KEY (id)
);
CREATE INDEX request_decision_request ON public.request_decision USING btree (request_id, id);
alter table request_decision enable row level security;
alter table request_decision force row level security;
create policy request_decision_all on request_decision as permissive for all to public using (EXISTS ( SELECT
   FROM access_request r
  WHERE (r.id = request_decision.request_id)));
grant insert, select on request_decision to huitong_app;

create table request_nonce (
  key_id text collate "C" not null,
  nonce text collate "C" not null,
  at timestamp with time zone not null,
  constraint request_nonce_pkey PRIMARY KEY (key_id, nonce)
);
CREATE INDEX request_nonce_at ON public.request_nonce USING btree (at);
alter table request_nonce enable row level security;
alter table request_nonce force row level security;
create policy request_nonce_system on request_nonce as permissive for all to public using huitong_system();
grant delete, insert, select, update on request_nonce to huitong_tick;
comment on table request_nonce is 'nonces of signed requests within the time window';

create table request_template (
  jurisdiction text collate "C" not null,
  attribute text not null,
  steps text[] not null,
  version integer not null default 1,
  constraint request_template_attribute_check CHECK ((attribute = ANY (ARRAY['unconditional'::text, 'conditional'::text]))),
  constraint request_template_pkey PRIMARY KEY (jurisdiction, attribute)
);
alter table request_template enable row level security;
alter table request_template force row level security;
create policy request_template_read on request_template as permissive for select to public using huitong_within(jurisdiction);
create policy request_template_write on request_template as permissive for all to public using huitong_sees(jurisdiction, VARIADIC '{}'::uuid[]);
grant insert, select, update on request_template to huitong_app;
comment on table request_template is '审批流程模板';

create table role (
  name text collate "C" not null,
  words jsonb not null,
  scope text not null,
  permissions text[] not null,
  constraint role_scope_check CHECK ((scope = ANY (ARRAY['department'::text, 'jurisdiction'::text]))),
  constraint role_pkey PRIMARY KEY (name)
);
alter table role enable row level security;
alter table role force row level security;
create policy role_read on role as permissive for select to public using huitong_known();
create policy role_write on role as permissive for all to public using huitong_system();
grant insert, select, update on role to huitong_app;
grant select on role to huitong_tick;
comment on table role is '角色: sets of permissions, as data';

create table rule_suite (
  id uuid not null,
  jurisdiction text collate "C" not null,
  dataset_id uuid not null,
  department_id uuid not null,
  rules jsonb not null,
  repair_working_days integer not null,
  updated_by uuid not null,
  updated_at timestamp with time zone not null,
  version integer not null default 1,
  constraint rule_suite_repair_working_days_check CHECK (((repair_working_days >= 1) AND (repair_working_days <= 60))),
  constraint rule_suite_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint rule_suite_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint rule_suite_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES person(id),
  constraint rule_suite_pkey PRIMARY KEY (id),
  constraint rule_suite_dataset_id_key UNIQUE (dataset_id)
);
alter table rule_suite enable row level security;
alter table rule_suite force row level security;
create policy rule_suite_all on rule_suite as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on rule_suite to huitong_app;
comment on table rule_suite is '规则';

create table rule_suite_version (
  suite_id uuid not null,
  version integer not null,
  rules jsonb not null,
  repair_working_days integer not null,
  by_person uuid not null,
  at timestamp with time zone not null,
  constraint rule_suite_version_by_person_fkey FOREIGN KEY (by_person) REFERENCES person(id),
  constraint rule_suite_version_suite_id_fkey FOREIGN KEY (suite_id) REFERENCES rule_suite(id),
  constraint rule_suite_version_pkey PRIMARY KEY (suite_id, version)
);
alter table rule_suite_version enable row level security;
alter table rule_suite_version force row level security;
create policy rule_suite_version_all on rule_suite_version as permissive for all to public using (EXISTS ( SELECT
   FROM rule_suite s
  WHERE (s.id = rule_suite_version.suite_id)));
grant insert, select on rule_suite_version to huitong_app;
comment on table rule_suite_version is 'versions of rule suites, never changed';

create table saved_question (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  person_id uuid not null,
  name text not null,
  text text not null,
  chart jsonb,
  shared boolean not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint saved_question_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint saved_question_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint saved_question_pkey PRIMARY KEY (id)
);
CREATE INDEX saved_question_order ON public.saved_question USING btree (department_id, updated_at DESC, id);
alter table saved_question enable row level security;
alter table saved_question force row level security;
create policy saved_question_all on saved_question as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant delete, insert, select, update on saved_question to huitong_app;
comment on table saved_question is '保存的查询';

create table segment (
  stream_id uuid not null,
  generation integer not null,
  sequence integer not null,
  channel_id uuid not null,
  digest text collate "C" not null,
  manifest text not null,
  manifest_hash text collate "C" not null,
  signature bytea not null,
  rows numeric not null,
  plain_bytes numeric not null,
  sealed_bytes numeric not null,
  final boolean not null,
  state text not null,
  receipt text,
  receipt_signature bytea,
  consumer_receipt text,
  consumer_signature bytea,
  problem jsonb,
  announced_at timestamp with time zone not null,
  received_at timestamp with time zone,
  verified_at timestamp with time zone,
  applied_at timestamp with time zone,
  constraint segment_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
  constraint segment_sequence_check CHECK ((sequence > 0)),
  constraint segment_state_check CHECK ((state = ANY (ARRAY['announced'::text, 'received'::text, 'verified'::text, 'rejected'::text, 'applied'::text]))),
  constraint segment_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint segment_stream_id_generation_fkey FOREIGN KEY (stream_id, generation) REFERENCES stream(id, generation),
  constraint segment_pkey PRIMARY KEY (stream_id, generation, sequence)
);
CREATE INDEX segment_channel ON public.segment USING btree (channel_id, announced_at);
CREATE INDEX segment_digest ON public.segment USING btree (digest);
CREATE INDEX segment_not_applied ON public.segment USING btree (stream_id, generation, sequence) WHERE (state <> 'applied'::text);
CREATE INDEX segment_received ON public.segment USING btree (received_at) WHERE (state = 'received'::text);
alter table segment enable row level security;
alter table segment force row level security;
create policy segment_all on segment as permissive for all to public using (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = segment.channel_id)));
grant insert, select, update on segment to huitong_app;
comment on table segment is '批次';

create table service (
  id uuid not null,
  code text collate "C" not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  dataset_id uuid not null,
  channel_id uuid,
  provider_department_id uuid not null,
  name jsonb not null,
  description text,
  items jsonb not null,
  key text[] not null,
  state text not null,
  created_at timestamp with time zone not null,
  version integer not null default 1,
  kind text not null default 'dataset'::text,
  constraint service_kind_check CHECK ((kind = ANY (ARRAY['dataset'::text, 'proxied'::text]))),
  constraint service_of_channel CHECK (((kind = 'dataset'::text) = (channel_id IS NOT NULL))),
  constraint service_state_check CHECK ((state = ANY (ARRAY['running'::text, 'stopped'::text]))),
  constraint service_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint service_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint service_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint service_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint service_pkey PRIMARY KEY (id),
  constraint service_channel_id_key UNIQUE (channel_id),
  constraint service_code_key UNIQUE (code)
);
CREATE INDEX service_order ON public.service USING btree (created_at DESC, id);
alter table service enable row level security;
alter table service force row level security;
create policy service_read on service as permissive for select to public using huitong_within(jurisdiction);
create policy service_write on service as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on service to huitong_app;
grant select on service to huitong_tick;
comment on table service is '共享接口: made from a landed table without code';

create table service_call (
  id bigint generated always as identity not null,
  at timestamp with time zone not null,
  minute timestamp with time zone not null,
  jurisdiction text collate "C" not null,
  application_id uuid not null,
  department_id uuid not null,
  service_id uuid,
  opening_id uuid,
  provider_department_id uuid,
  matter_code text collate "C" not null,
  outcome text collate "C" not null,
  rows bigint not null,
  request_id text not null,
  query_digest bytea not null,
  salt bytea not null,
  root_id uuid,
  constraint service_call_salt_check CHECK ((octet_length(salt) = 16)),
  constraint service_call_pkey PRIMARY KEY (id)
);
CREATE INDEX service_call_open ON public.service_call USING btree (minute) WHERE (root_id IS NULL);
CREATE INDEX service_call_root ON public.service_call USING btree (root_id, id) WHERE (root_id IS NOT NULL);
alter table service_call enable row level security;
alter table service_call force row level security;
create policy service_call_all on service_call as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id, provider_department_id]);
grant select on service_call to huitong_app;
grant insert, select on service_call to huitong_tick;
grant update (root_id) on service_call to huitong_app;
comment on table service_call is '接口调用';

create table service_opening (
  id uuid not null,
  jurisdiction text collate "C" not null,
  service_id uuid not null,
  grant_id uuid not null,
  department_id uuid not null,
  provider_department_id uuid not null,
  matter_code text collate "C" not null,
  per_second_max integer not null,
  per_day_max integer not null,
  total_max numeric,
  suspended_at timestamp with time zone,
  suspended_reason text,
  created_at timestamp with time zone not null,
  version integer not null default 1,
  suspended_cause text,
  suspended_figures jsonb,
  released_at timestamp with time zone,
  constraint service_opening_per_day_max_check CHECK ((per_day_max > 0)),
  constraint service_opening_per_second_max_check CHECK ((per_second_max > 0)),
  constraint service_opening_suspended CHECK (((suspended_at IS NULL) = (suspended_cause IS NULL))),
  constraint service_opening_suspended_cause_check CHECK ((suspended_cause = ANY (ARRAY['person'::text, 'misses'::text, 'growth'::text]))),
  constraint service_opening_total_max_check CHECK ((total_max > (0)::numeric)),
  constraint service_opening_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint service_opening_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES access_grant(id),
  constraint service_opening_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint service_opening_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id),
  constraint service_opening_pkey PRIMARY KEY (id),
  constraint service_opening_grant_id_key UNIQUE (grant_id)
);
CREATE INDEX service_opening_service ON public.service_opening USING btree (service_id, department_id);
alter table service_opening enable row level security;
alter table service_opening force row level security;
create policy service_opening_all on service_opening as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id, provider_department_id]);
grant insert, select, update on service_opening to huitong_app;
grant select on service_opening to huitong_tick;
comment on table service_opening is '开通: a service under one grant';

create table service_refusal (
  minute timestamp with time zone not null,
  jurisdiction text collate "C" not null,
  service_id uuid,
  application_id uuid,
  department_id uuid,
  provider_department_id uuid,
  matter_code text collate "C",
  outcome text collate "C" not null,
  calls bigint not null,
  constraint service_refusal_application_id_fkey FOREIGN KEY (application_id) REFERENCES application(id),
  constraint service_refusal_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint service_refusal_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint service_refusal_service_id_fkey FOREIGN KEY (service_id) REFERENCES service(id),
  constraint service_refusal_minute_service_id_application_id_matter_cod_key UNIQUE NULLS NOT DISTINCT (minute, service_id, application_id, matter_code, outcome)
);
alter table service_refusal enable row level security;
alter table service_refusal force row level security;
create policy service_refusal_all on service_refusal as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id, provider_department_id]);
grant select on service_refusal to huitong_app;
grant insert, select, update on service_refusal to huitong_tick;
comment on table service_refusal is 'refused calls that have no row of their own, by minute';

create table service_use (
  opening_id uuid not null,
  second bigint not null,
  second_calls bigint not null,
  day bigint not null,
  day_calls bigint not null,
  day_rows bigint not null,
  total_calls bigint not null,
  constraint service_use_opening_id_fkey FOREIGN KEY (opening_id) REFERENCES service_opening(id),
  constraint service_use_pkey PRIMARY KEY (opening_id)
);
alter table service_use enable row level security;
alter table service_use force row level security;
create policy service_use_all on service_use as permissive for all to public using (EXISTS ( SELECT
   FROM service_opening o
  WHERE (o.id = service_use.opening_id)));
grant select on service_use to huitong_app;
grant insert, select, update on service_use to huitong_tick;
comment on table service_use is 'technical: use of quotas';

create table session (
  token_hash bytea not null,
  person_id uuid not null,
  created_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  agent text,
  constraint session_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint session_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX session_person ON public.session USING btree (person_id);
alter table session enable row level security;
alter table session force row level security;
create policy session_own on session as permissive for all to public using (huitong_system() OR ((person_id)::text = current_setting('huitong.actor'::text, true)) OR ((current_setting('huitong.accounts'::text, true) = 'on'::text) AND (EXISTS ( SELECT
   FROM person p
  WHERE (p.id = session.person_id)))));
grant delete, insert, select, update on session to huitong_app;
grant delete, select on session to huitong_tick;
grant update (seen_at) on session to huitong_tick;
comment on table session is 'sessions by the hash of their token';

create table setting (
  name text collate "C" not null,
  value jsonb not null,
  version integer not null default 1,
  constraint setting_pkey PRIMARY KEY (name)
);
alter table setting enable row level security;
alter table setting force row level security;
create policy setting_read on setting as permissive for select to public using (huitong_system() OR (huitong_known() AND (name = 'demo_progress'::text)));
create policy setting_write on setting as permissive for all to public using huitong_system();
grant insert, select, update on setting to huitong_app;
comment on table setting is 'settings of the platform that are data';

create table source_consent (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  source_id uuid not null,
  number text not null,
  signed_by text not null,
  valid_from date not null,
  valid_until date not null,
  file_name text not null,
  media_type text not null,
  sha256 text collate "C" not null,
  bytes integer not null,
  uploaded_by uuid not null,
  created_at timestamp with time zone not null,
  constraint source_consent_check CHECK ((valid_until >= valid_from)),
  constraint source_consent_media_type_check CHECK ((media_type = ANY (ARRAY['application/pdf'::text, 'image/png'::text, 'image/jpeg'::text]))),
  constraint source_consent_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint source_consent_source_id_fkey FOREIGN KEY (source_id) REFERENCES data_source(id),
  constraint source_consent_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES person(id),
  constraint source_consent_pkey PRIMARY KEY (id)
);
CREATE INDEX source_consent_source ON public.source_consent USING btree (source_id, created_at DESC);
alter table source_consent enable row level security;
alter table source_consent force row level security;
create policy source_consent_all on source_consent as permissive for all to public using huitong_within(jurisdiction);
grant insert, select on source_consent to huitong_app;
comment on table source_consent is '书面同意';

create table source_table (
  id uuid not null,
  source_id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  schema_name text collate "C" not null,
  table_name text collate "C" not null,
  comment text,
  suggested_name text,
  row_estimate numeric,
  key text[] not null,
  fields jsonb not null,
  schema_hash text not null,
  seen_at timestamp with time zone not null,
  gone boolean not null default false,
  constraint source_table_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint source_table_source_id_fkey FOREIGN KEY (source_id) REFERENCES data_source(id),
  constraint source_table_pkey PRIMARY KEY (id),
  constraint source_table_source_id_schema_name_table_name_key UNIQUE (source_id, schema_name, table_name)
);
alter table source_table enable row level security;
alter table source_table force row level security;
create policy source_table_all on source_table as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on source_table to huitong_app;
comment on table source_table is '已探查的库表';

create table statement (
  id uuid not null,
  number text collate "C" not null,
  channel_id uuid not null,
  jurisdiction text collate "C" not null,
  provider_department_id uuid not null,
  consumer_department_id uuid not null,
  period_from date not null,
  period_to date not null,
  state text not null,
  totals jsonb not null,
  document text not null,
  signature bytea not null,
  key_id text not null,
  issued_by text not null,
  issued_at timestamp with time zone not null,
  constraint statement_check CHECK ((period_from <= period_to)),
  constraint statement_state_check CHECK ((state = ANY (ARRAY['balanced'::text, 'unbalanced'::text, 'running'::text, 'empty'::text]))),
  constraint statement_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint statement_consumer_department_id_fkey FOREIGN KEY (consumer_department_id) REFERENCES department(id),
  constraint statement_provider_department_id_fkey FOREIGN KEY (provider_department_id) REFERENCES department(id),
  constraint statement_pkey PRIMARY KEY (id),
  constraint statement_number_key UNIQUE (number)
);
CREATE INDEX statement_channel ON public.statement USING btree (channel_id, number DESC);
alter table statement enable row level security;
alter table statement force row level security;
create policy statement_all on statement as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[provider_department_id, consumer_department_id]);
grant insert, select on statement to huitong_app;
grant update (provider_department_id, consumer_department_id) on statement to huitong_app;
comment on table statement is '对账单';

create table stream (
  id uuid not null,
  generation integer not null,
  channel_id uuid not null,
  kind text not null,
  read_work_id uuid,
  apply_work_id uuid,
  abandoned boolean not null default false,
  source_rows numeric,
  target_rows numeric,
  created_at timestamp with time zone not null,
  ending boolean not null default false,
  rejected numeric not null default 0,
  constraint stream_generation_check CHECK ((generation > 0)),
  constraint stream_kind_check CHECK ((kind = ANY (ARRAY['copy'::text, 'changes'::text, 'repair'::text, 'log'::text]))),
  constraint stream_apply_work_id_fkey FOREIGN KEY (apply_work_id) REFERENCES node_work(id),
  constraint stream_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id),
  constraint stream_read_work_id_fkey FOREIGN KEY (read_work_id) REFERENCES node_work(id),
  constraint stream_pkey PRIMARY KEY (id, generation)
);
alter table stream enable row level security;
alter table stream force row level security;
create policy stream_all on stream as permissive for all to public using (EXISTS ( SELECT
   FROM channel c
  WHERE (c.id = stream.channel_id)));
grant insert, select, update on stream to huitong_app;
comment on table stream is 'generations of a channel and repairs';

create table upload (
  id uuid not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  source_id uuid not null,
  file_name text collate "C" not null,
  bytes bigint not null,
  announced text collate "C",
  received bigint not null default 0,
  frames bytea not null default '\x'::bytea,
  state text not null,
  uploaded_by uuid not null,
  created_at timestamp with time zone not null,
  touched_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  cleaned_at timestamp with time zone,
  constraint upload_bytes_check CHECK ((bytes >= 0)),
  constraint upload_check CHECK (((received >= 0) AND (received <= bytes))),
  constraint upload_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'kept'::text, 'replaced'::text, 'removed'::text, 'refused'::text, 'abandoned'::text]))),
  constraint upload_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint upload_source_id_fkey FOREIGN KEY (source_id) REFERENCES data_source(id),
  constraint upload_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES person(id),
  constraint upload_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX upload_name ON public.upload USING btree (source_id, file_name) WHERE (state = 'kept'::text);
CREATE INDEX upload_open ON public.upload USING btree (touched_at) WHERE ((cleaned_at IS NULL) AND (state <> 'kept'::text));
CREATE INDEX upload_source ON public.upload USING btree (source_id, created_at DESC);
alter table upload enable row level security;
alter table upload force row level security;
create policy upload_all on upload as permissive for all to public using huitong_within(jurisdiction);
grant insert, select, update on upload to huitong_app;
comment on table upload is '上传文件';

create table violation (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  department_id uuid not null,
  obligation_id uuid not null,
  rule text collate "C" not null,
  subject_kind text not null,
  subject_id uuid not null,
  subject_name text not null,
  state text not null,
  statement text,
  stated_by uuid,
  decision text,
  decided_by uuid,
  raised_at timestamp with time zone not null,
  stated_at timestamp with time zone,
  decided_at timestamp with time zone,
  version integer not null default 1,
  constraint violation_state_check CHECK ((state = ANY (ARRAY['suspected'::text, 'stated'::text, 'confirmed'::text, 'dismissed'::text]))),
  constraint violation_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES person(id),
  constraint violation_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint violation_obligation_id_fkey FOREIGN KEY (obligation_id) REFERENCES obligation(id),
  constraint violation_stated_by_fkey FOREIGN KEY (stated_by) REFERENCES person(id),
  constraint violation_pkey PRIMARY KEY (id),
  constraint violation_number_key UNIQUE (number),
  constraint violation_obligation_id_key UNIQUE (obligation_id)
);
CREATE INDEX violation_order ON public.violation USING btree (raised_at DESC, id);
alter table violation enable row level security;
alter table violation force row level security;
create policy violation_all on violation as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on violation to huitong_app;
comment on table violation is '疑似违规';

create table work_order (
  id uuid not null,
  number text collate "C" not null,
  jurisdiction text collate "C" not null,
  dataset_id uuid not null,
  department_id uuid not null,
  run_id uuid not null,
  state text not null,
  findings numeric not null,
  findings_open numeric not null,
  opened_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  created_by uuid not null,
  version integer not null default 1,
  constraint work_order_state_check CHECK ((state = ANY (ARRAY['open'::text, 'rechecking'::text, 'closed'::text]))),
  constraint work_order_created_by_fkey FOREIGN KEY (created_by) REFERENCES person(id),
  constraint work_order_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES dataset(id),
  constraint work_order_department_id_fkey FOREIGN KEY (department_id) REFERENCES department(id),
  constraint work_order_run_id_fkey FOREIGN KEY (run_id) REFERENCES check_run(id),
  constraint work_order_pkey PRIMARY KEY (id),
  constraint work_order_number_key UNIQUE (number),
  constraint work_order_run_id_key UNIQUE (run_id)
);
CREATE INDEX work_order_order ON public.work_order USING btree (opened_at DESC, id);
alter table work_order enable row level security;
alter table work_order force row level security;
create policy work_order_all on work_order as permissive for all to public using huitong_sees(jurisdiction, VARIADIC ARRAY[department_id]);
grant insert, select, update on work_order to huitong_app;
comment on table work_order is '质量整改工单';
