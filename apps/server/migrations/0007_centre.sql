-- The resource centre: counts of what landed, and what the base libraries are made of.

create table landing_count (
  channel_id uuid not null references channel,
  counted_at timestamptz not null,
  generation integer not null,
  sequence integer not null,
  -- when the position in the centre's own database had moved last: the mark of what was counted
  position_at text not null,
  rows numeric not null,
  bytes numeric not null,
  primary key (channel_id, counted_at)
);
comment on table landing_count is '数据资产: rows and bytes of a landed table, counted in the centre''s own database';

create table library_part (
  jurisdiction text not null collate "C",
  library text not null check (library in ('person', 'firm')),
  position integer not null,
  channel_id uuid not null references channel,
  key_item text not null collate "C",
  primary key (jurisdiction, library, channel_id)
);
comment on table library_part is '基础库: landed tables that are asked together by one number';

alter table landing_count enable row level security;
alter table landing_count force row level security;
create policy landing_count_all on landing_count using (exists (select from channel c where c.id = channel_id));
alter table library_part enable row level security;
alter table library_part force row level security;
create policy library_part_all on library_part using (huitong_within(jurisdiction));

-- Roles of a platform that is already at work get the new permissions; they stay editable data.
update role r set permissions = r.permissions || array(select p from unnest(n.more) p where p <> all (r.permissions))
from (values
  ('authority', array['asset.read']),
  ('data_centre', array['asset.read', 'library.read', 'library.manage']),
  ('operator', array['asset.read'])) n (name, more)
where r.name = n.name;
