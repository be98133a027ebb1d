-- Which poll of its boot a node was given work by: when that reply got lost, the next poll brings the work.
alter table node_work add column poll integer check (poll > 0);
