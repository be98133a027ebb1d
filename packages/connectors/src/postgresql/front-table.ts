import { quoteIdentifier, quoteText } from '@huitong/policy'
import { canonicalType, type FrontTable, MARK, TECHNICAL } from '../front-table.ts'

/** PostgreSQL 12 and newer. The update time is the database's own, so that no pusher's clock can hide a row from the cursor. */
export function frontTableSql(table: FrontTable): string {
  const name = quoteIdentifier(table.name)
  const touch = quoteIdentifier(`${table.name}_touch`)
  const { operation, updatedAt, batch } = TECHNICAL
  const key = table.columns.filter((column) => column.key).map((column) => quoteIdentifier(column.name))
  const columns = table.columns.map((column) => {
    const required = !column.nullable || column.key ? ' not null' : ''
    return `  ${quoteIdentifier(column.name)} ${canonicalType(column)}${required}`
  })
  const technical = [
    `  ${operation.name} char(1) not null default 'I' check (${operation.name} in ('I', 'U', 'D'))`,
    `  ${updatedAt.name} timestamptz not null default clock_timestamp()`,
    `  ${batch.name} bigint not null default 1`,
    `  ${MARK.name} timestamptz`,
  ]
  const primary = key.length > 0 ? [`  primary key (${key.join(', ')})`] : []
  const comments = [...table.columns, operation, updatedAt, batch, MARK].map(
    (column) => `comment on column ${name}.${quoteIdentifier(column.name)} is ${quoteText(column.comment)};`,
  )
  return `-- 前置推送表，PostgreSQL 12 及以上。由提供部门的数据库管理员执行。
-- 删除一行：置 ${operation.name} = 'D'，不要物理删除；各方取走后再清理。
create table ${name} (
${[...columns, ...technical, ...primary].join(',\n')}
);
create index on ${name} (${[updatedAt.name, ...key].join(', ')});
create index on ${name} (${updatedAt.name}) where ${MARK.name} is null;
create index on ${name} (${MARK.name}) where ${operation.name} = 'D';
comment on table ${name} is ${quoteText(table.comment)};
${comments.join('\n')}

create function ${touch}() returns trigger language plpgsql as $touch$
declare
  marked timestamptz := new.${MARK.name};
begin
  if tg_op = 'UPDATE' and marked is distinct from old.${MARK.name} then
    new.${MARK.name} := old.${MARK.name};
    -- 只改了交换标记：不算数据变更。
    if new is not distinct from old then
      new.${MARK.name} := marked;
      return new;
    end if;
  end if;
  if tg_op = 'UPDATE' and new.${operation.name} = 'I' and old.${operation.name} = 'I' then
    new.${operation.name} := 'U';
  end if;
  new.${updatedAt.name} := clock_timestamp();
  new.${MARK.name} := null;
  return new;
end $touch$;
create trigger ${touch} before insert or update on ${name} for each row execute function ${touch}();

-- 交换节点的账号读本表；写交换标记和清理各需一项权限，不授予则平台不标记、不清理：
-- grant select on ${name} to 节点账号;
-- grant update (${MARK.name}) on ${name} to 节点账号;
-- grant delete on ${name} to 节点账号;
-- 不由平台清理时，自行清理三十天前已删除且已取走的行：
-- delete from ${name} where ${operation.name} = 'D' and ${MARK.name} < now() - interval '30 days';
`
}
