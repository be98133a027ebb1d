-- The account of calls in fewer steps: one row of use for each opening in place of three, and calls that stay within
-- their quotas are counted together; one by one only when a quota runs out among them.

alter table service_use rename constraint service_use_pkey to service_use_by_span_pkey;
alter table service_use rename constraint service_use_opening_id_fkey to service_use_by_span_opening_id_fkey;
alter table service_use rename to service_use_by_span;
create table service_use (
  opening_id uuid primary key references service_opening(id),
  -- seconds since 1970 that `second_calls` counts, and days of Asia/Shanghai that `day_calls` and `day_rows` count
  second bigint not null,
  second_calls bigint not null,
  day bigint not null,
  day_calls bigint not null,
  day_rows bigint not null,
  total_calls bigint not null
);
comment on table service_use is 'technical: use of quotas';
insert into service_use (opening_id, second, second_calls, day, day_calls, day_rows, total_calls)
select opening_id,
  coalesce(max(slot) filter (where span = 'second'), 0), coalesce(max(calls) filter (where span = 'second'), 0),
  coalesce(max(slot) filter (where span = 'day'), 0), coalesce(max(calls) filter (where span = 'day'), 0),
  coalesce(max(rows) filter (where span = 'day'), 0), coalesce(max(calls) filter (where span = 'total'), 0)
from service_use_by_span group by opening_id;
drop table service_use_by_span;
alter table service_use enable row level security;
alter table service_use force row level security;
create policy service_use_all on service_use using (exists (select from service_opening o where o.id = opening_id));

-- Settles calls. Those that rest on the same application, service, opening and grants, read in the same versions, share a
-- ground; `version_grounds` and the three lists beside it name what each ground rests on. The order matters: nonces are
-- spent first, then the counters of the openings are locked in one order, so that two processes never wait for each
-- other, and then the versions are read, so that whoever changed something before that is seen. A stale call leaves
-- nothing behind. `kinds`: 0 uses no quota, 1 is a call, 2 is a further part of one and uses up rows only.
--
-- The answer begins with the seconds of the clock that all processes have in common; then stands one verdict for each
-- call: 0 admitted, 1 stale, 2 replayed, and over the quota of 3 a second, 4 a day, 5 all in all, 6 rows a day.
create or replace function huitong_settle_calls(
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
end $$;
