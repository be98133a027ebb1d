-- Roles of a platform that is already at work get the new permission; they stay editable data.
update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values
  ('data_officer', array['preview.read']),
  ('department_head', array['preview.read']),
  ('authority', array['preview.read']),
  ('data_centre', array['preview.read'])) n (name, more)
where r.name = n.name;
