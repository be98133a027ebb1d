-- The evidence ledger: which audit row became which leaf, and the one checkpoint that the log stands at.

create table audit_leaf (
  leaf_index bigint primary key,
  audit_id bigint not null unique,
  leaf bytea not null
);
comment on table audit_leaf is '存证: leaf of each audit row; insert-only';

create table ledger_checkpoint (
  origin text primary key collate "C",
  checkpoint text not null,
  size bigint not null
);
comment on table ledger_checkpoint is '检查点: compare-and-swap of the signed checkpoint';
