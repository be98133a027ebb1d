-- The account of calls in two questions to the database instead of seven, and no look at other tables for each row of it.

-- Calls are written by the gateway alone, in the transaction in which it reads the versions of the very rows that a call
-- names (huitong_admit_calls), and no account may delete those rows. Five look-ups per call would buy nothing more.
alter table service_call
  drop constraint service_call_application_id_fkey,
  drop constraint service_call_department_id_fkey,
  drop constraint service_call_service_id_fkey,
  drop constraint service_call_opening_id_fkey,
  drop constraint service_call_provider_department_id_fkey;

-- Spends the nonces of calls, then locks the counters of their openings in one order, then reads the versions of what the
-- answers rest on: whoever changed one of them before we held the locks is seen. `fresh`: the nonces that were not
-- spent before, null when all were fresh. `epoch`: seconds of the clock that all processes have in common.
create function huitong_admit_calls(apps text[], nonces text[], counted uuid[], applications uuid[], services uuid[],
  openings uuid[], grants uuid[], out fresh jsonb, out versions jsonb, out uses jsonb, out epoch bigint)
language plpgsql as $$
declare
  spent bigint;
begin
  with spend as (
    insert into request_nonce (key_id, nonce, at)
    select k, n, now() from unnest(apps, nonces) x (k, n) order by 1, 2
    on conflict do nothing returning key_id, nonce)
  select count(*), jsonb_agg(jsonb_build_array(key_id, nonce)) into spent, fresh from spend;
  if spent = cardinality(apps) then fresh := null; else fresh := coalesce(fresh, '[]'); end if;
  if cardinality(counted) > 0 then
    perform from service_use where opening_id = any (counted) order by opening_id, span for update;
    select jsonb_agg(jsonb_build_array(opening_id, span, slot::text, calls::text, rows::text)) into uses
      from service_use where opening_id = any (counted);
    if coalesce(jsonb_array_length(uses), 0) < 3 * cardinality(counted) then
      insert into service_use (opening_id, span, slot, calls, rows)
        select o, s, 0, 0, 0 from unnest(counted) o cross join unnest(array['second', 'day', 'total']) s order by o, s
        on conflict do nothing;
      perform from service_use where opening_id = any (counted) order by opening_id, span for update;
      select jsonb_agg(jsonb_build_array(opening_id, span, slot::text, calls::text, rows::text)) into uses
        from service_use where opening_id = any (counted);
    end if;
  end if;
  select jsonb_object_agg(kind || '/' || id, version) into versions from (
    select 'a' as kind, id, version from application where id = any (applications)
    union all select 's', id, version from service where id = any (services)
    union all select 'o', id, version from service_opening where id = any (openings)
    union all select 'g', id, version from access_grant where id = any (grants)) x;
  epoch := floor(extract(epoch from clock_timestamp()));
end $$;

-- Writes what was decided: the counters as they stand now, and a row for each call.
create function huitong_record_calls(use_openings uuid[], use_spans text[], use_slots bigint[], use_calls bigint[],
  use_rows bigint[], jurisdictions text[], applications uuid[], departments uuid[], services uuid[], openings uuid[],
  providers uuid[], matters text[], outcomes text[], row_counts bigint[], requests text[], digests bytea[], salts bytea[])
returns void language plpgsql as $$
begin
  update service_use u set slot = x.slot, calls = x.calls, rows = x.rows
    from unnest(use_openings, use_spans, use_slots, use_calls, use_rows) x (opening_id, span, slot, calls, rows)
    where u.opening_id = x.opening_id and u.span = x.span;
  insert into service_call (at, minute, jurisdiction, application_id, department_id, service_id, opening_id,
      provider_department_id, matter_code, outcome, rows, request_id, query_digest, salt)
    select date_trunc('milliseconds', now()), date_trunc('minute', now()), x.*
    from unnest(jurisdictions, applications, departments, services, openings, providers, matters, outcomes, row_counts,
      requests, digests, salts) x;
end $$;

revoke execute on function huitong_admit_calls(text[], text[], uuid[], uuid[], uuid[], uuid[], uuid[]) from public;
revoke execute on function huitong_record_calls(uuid[], text[], bigint[], bigint[], bigint[], text[], uuid[], uuid[], uuid[],
  uuid[], uuid[], text[], text[], bigint[], text[], bytea[], bytea[]) from public;
