-- The account of calls in one question: a transaction of several questions waits for the server process between them.

drop function huitong_admit_calls(text[], text[], uuid[], uuid[], uuid[], uuid[], uuid[]);
drop function huitong_record_calls(uuid[], text[], bigint[], bigint[], bigint[], text[], uuid[], uuid[], uuid[], uuid[], uuid[],
  text[], text[], bigint[], text[], bytea[], bytea[]);

-- Settles calls. Those that rest on the same application, service, opening and grants, read in the same versions, share a
-- ground; `version_grounds` and the three lists beside it name what each ground rests on. The order matters: nonces are
-- spent first, then the counters of the openings are locked in one order, so that two processes never wait for each
-- other, and then the versions are read, so that whoever changed something before that is seen. A stale call leaves
-- nothing behind. `kinds`: 0 uses no quota, 1 is a call, 2 is a further part of one and uses up rows only.
--
-- The answer begins with the seconds of the clock that all processes have in common; then stands one verdict for each
-- call: 0 admitted, 1 stale, 2 replayed, and over the quota of 3 a second, 4 a day, 5 all in all, 6 rows a day.
create function huitong_settle_calls(
  version_grounds integer[], version_kinds text[], version_ids uuid[], version_numbers integer[],
  apps text[], jurisdictions text[], applications uuid[], departments uuid[], services uuid[], openings uuid[],
  providers uuid[], matters text[], seconds_max bigint[], days_max bigint[], totals_max numeric[], rows_max bigint[],
  grounds integer[], nonces text[], kinds integer[], outcomes text[], row_counts bigint[], requests text[], digests bytea[])
returns bigint[] language plpgsql
-- Its statements are planned once: with the lists of each call at hand they would be planned anew each time.
set plan_cache_mode = force_generic_plan
as $$
declare
  verdicts bigint[] := array_fill(0::bigint, array[cardinality(grounds)]);
  spent text[];
  once bigint;
  counted uuid[];
  stale integer[];
  epoch bigint;
  today bigint;
  used record;
  calls_taken bigint;
  rows_taken bigint;
  g integer;
begin
  with spend as (
    insert into request_nonce (key_id, nonce, at)
    select apps[c.ground], c.nonce, now() from unnest(grounds, nonces) c (ground, nonce) where c.nonce is not null
    order by 1, 2 on conflict do nothing returning key_id, nonce)
  select array_agg(key_id || '/' || nonce), cardinality(array_remove(nonces, null)) into spent, once from spend;
  if coalesce(cardinality(spent), 0) < once then
    -- Of two equal ones the first is good: what was taken is taken from the list.
    for i in 1 .. cardinality(grounds) loop
      if nonces[i] is null then continue; end if;
      if apps[grounds[i]] || '/' || nonces[i] = any (spent) then
        spent := array_remove(spent, apps[grounds[i]] || '/' || nonces[i]);
      else
        verdicts[i] := 2;
      end if;
    end loop;
  end if;

  select array_agg(distinct openings[c.ground]) into counted from unnest(grounds, kinds) c (ground, kind) where c.kind > 0;
  if counted is not null then
    perform from service_use where opening_id = any (counted) order by opening_id, span for update;
    if (select count(*) from service_use where opening_id = any (counted)) < 3 * cardinality(counted) then
      insert into service_use (opening_id, span, slot, calls, rows)
        select o, s, 0, 0, 0 from unnest(counted) o cross join unnest(array['second', 'day', 'total']) s order by o, s
        on conflict do nothing;
      perform from service_use where opening_id = any (counted) order by opening_id, span for update;
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
  if counted is not null then
    for used in
      select u.opening_id as id,
        coalesce(max(u.calls) filter (where u.span = 'second' and u.slot = epoch), 0) as second,
        coalesce(max(u.calls) filter (where u.span = 'day' and u.slot = today), 0) as day,
        coalesce(max(u.calls) filter (where u.span = 'total'), 0) as total,
        coalesce(max(u.rows) filter (where u.span = 'day' and u.slot = today), 0) as rows
      from service_use u where u.opening_id = any (counted) group by 1
    loop
      calls_taken := 0;
      rows_taken := 0;
      for i in 1 .. cardinality(grounds) loop
        g := grounds[i];
        if kinds[i] = 0 or verdicts[i] <> 0 or openings[g] <> used.id then continue; end if;
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
      update service_use u set
        slot = case u.span when 'second' then epoch when 'day' then today else 0 end,
        calls = calls_taken + case u.span when 'second' then used.second when 'day' then used.day else used.total end,
        rows = rows_taken + case when u.slot = (case u.span when 'second' then epoch when 'day' then today else 0 end)
          then u.rows else 0 end
      where u.opening_id = used.id;
    end loop;
  end if;

  insert into service_call (at, minute, jurisdiction, application_id, department_id, service_id, opening_id,
      provider_department_id, matter_code, outcome, rows, request_id, query_digest, salt)
    select date_trunc('milliseconds', now()), date_trunc('minute', now()), jurisdictions[c.ground], applications[c.ground],
      departments[c.ground], services[c.ground], openings[c.ground], providers[c.ground], matters[c.ground],
      case c.verdict when 0 then c.outcome when 2 then 'service.replayed' else 'service.over_quota' end,
      case c.verdict when 0 then c.row_count else 0 end, c.request, c.digest, uuid_send(gen_random_uuid())
    from unnest(grounds, outcomes, row_counts, requests, digests, verdicts)
      c (ground, outcome, row_count, request, digest, verdict)
    where c.verdict <> 1;
  return array_prepend(epoch, verdicts);
end $$;

revoke execute on function huitong_settle_calls(integer[], text[], uuid[], integer[], text[], text[], uuid[], uuid[], uuid[], uuid[],
  uuid[], text[], bigint[], bigint[], numeric[], bigint[], integer[], text[], integer[], text[], bigint[], text[], bytea[])
  from public;
