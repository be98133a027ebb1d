-- What happens when a source's table is no longer the one that was agreed: the fields that a channel was made for, what was
-- found instead, and the policy. At the mount: fields that came by themselves, until the provider's officer has looked.

alter table channel add column drift_policy text not null default 'hold' check (drift_policy in ('hold', 'evolve', 'ignore'));
alter table channel add column mounted jsonb;
alter table channel add column drift jsonb;
alter table distribution add column unlisted jsonb;

update channel c set mounted = jsonb_build_object('hash', b.schema_hash, 'fields', t.fields)
from distribution b join source_table t on t.id = b.table_id
where b.id = c.distribution_id and t.schema_hash = b.schema_hash;
