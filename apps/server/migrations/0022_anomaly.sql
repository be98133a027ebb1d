-- Suspension of an opening because its calls are out of the ordinary, and the way back for the department whose data it is.

alter table service_opening
  -- why it is suspended: by a person with a reason, or by the platform because of what was seen
  add column suspended_cause text check (suspended_cause in ('person', 'misses', 'growth')),
  add column suspended_figures jsonb,
  -- released again: what was seen before does not count any more
  add column released_at timestamptz;
update service_opening set suspended_cause = 'person' where suspended_at is not null;
alter table service_opening add constraint service_opening_suspended check ((suspended_at is null) = (suspended_cause is null));

update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values ('data_officer', array['service.release']), ('department_head', array['service.release']),
  ('data_centre', array['service.release'])) n (name, more)
where r.name = n.name;
