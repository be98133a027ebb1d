-- Comparisons that begin by themselves: after each full copy, and every so many hours.

alter table channel add column reconcile_after_copy boolean not null default false;
alter table channel add column reconcile_every_hours integer check (reconcile_every_hours between 1 and 8760);
