-- The list of work, newest first.
create index node_work_order on node_work (created_at desc, id);
