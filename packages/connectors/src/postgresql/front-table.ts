import { quoteIdentifier, quoteText } from '@huitong/policy'
import { canonicalType, type FrontTable, TECHNICAL } from '../front-table.ts'

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
  ]
  const primary = key.length > 0 ? [`  primary key (${key.join(', ')})`] : []
  const comments = [...table.columns, operation, updatedAt, batch].map(
    (column) => `comment on column ${name}.${quoteIdentifier(column.name)} is ${quoteText(column.comment)};`,
  )
  return `-- 前置推送表，PostgreSQL 12 及以上。由提供部门的数据库管理员执行。
-- 删除一行：置 ${operation.name} = 'D'，不要物理删除；各方取走后再清理。
create table ${name} (
${[...columns, ...technical, ...primary].join(',\n')}
);
create index on ${name} (${[updatedAt.name, ...key].join(', ')});
comment on table ${name} is ${quoteText(table.comment)};
${comments.join('\n')}

create function ${touch}() returns trigger language plpgsql as $touch$
begin
  if tg_op = 'UPDATE' and new.${operation.name} = 'I' and old.${operation.name} = 'I' then
    new.${operation.name} := 'U';
  end if;
  new.${updatedAt.name} := clock_timestamp();
  return new;
end $touch$;
create trigger ${touch} before insert or update on ${name} for each row execute function ${touch}();

-- 交换节点的账号只读本表：
-- grant select on ${name} to 节点账号;
-- 清理三十天前已删除的行：
-- delete from ${name} where ${operation.name} = 'D' and ${updatedAt.name} < now() - interval '30 days';
`
}
