import { mysqlTypes, SegmentError } from '@huitong/segment'
import { canonicalType, type FrontTable, MARK, TECHNICAL } from '../front-table.ts'

const COLUMN_COMMENT_MAX = 1024
const TABLE_COMMENT_MAX = 2048

/** As a script's own session quotes, whatever its `sql_mode` says of double quotes. */
const quote = (name: string) => `\`${name.replaceAll('`', '``')}\``
const quoteText = (text: string, charactersMax: number) =>
  `'${[...text].slice(0, charactersMax).join('').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

function typesOf(table: FrontTable, key: readonly string[]): string[] {
  try {
    return mysqlTypes(
      table.columns.map((column) => ({ name: column.name, type: canonicalType(column) })),
      key,
    )
  } catch (error) {
    if (error instanceof SegmentError) throw new RangeError(error.detail, { cause: error })
    throw error
  }
}

/**
 * MySQL 5.7 and newer, MariaDB 10.5 and newer. The update time is the database's own, at the moment of the row: that of
 * the statement's begin could lie before its transaction. Texts are compared by their characters, so that no two keys are
 * taken for one.
 * @throws RangeError for a key that is longer than MySQL allows.
 */
export function frontTableSql(table: FrontTable): string {
  const name = quote(table.name)
  const { operation, updatedAt, batch } = TECHNICAL
  const key = table.columns.filter((column) => column.key).map((column) => column.name)
  const types = typesOf(table, key)
  const comment = (text: string) => `comment ${quoteText(text, COLUMN_COMMENT_MAX)}`
  const columns = table.columns.map((column, i) => {
    // A BIT of one holds true and false, and nothing else.
    const type = column.type === 'boolean' ? 'bit(1)' : types[i]
    const required = !column.nullable || column.key ? 'not null' : 'null'
    return `  ${quote(column.name)} ${type} ${required} ${comment(column.comment)}`
  })
  const technical = [
    `  ${operation.name} char(1) not null default 'I' ${comment(operation.comment)}`,
    `  ${updatedAt.name} timestamp(6) not null default current_timestamp(6) ${comment(updatedAt.comment)}`,
    `  ${batch.name} bigint not null default 1 ${comment(batch.comment)}`,
    `  ${MARK.name} timestamp(6) null default null ${comment(MARK.comment)}`,
    `  check (${operation.name} in ('I', 'U', 'D'))`,
    `  key (${updatedAt.name})`,
    `  key (${MARK.name})`,
  ]
  const primary = key.length > 0 ? [`  primary key (${key.map(quote).join(', ')})`] : []
  const kept = [...table.columns.map((column) => quote(column.name)), operation.name, updatedAt.name, batch.name]
  const same = kept.map((column) => `new.${column} <=> old.${column}`).join(' and ')
  const trigger = (when: string) =>
    `create trigger ${quote(`${table.name}_touch_${when}`)} before ${when} on ${name} for each row`
  return `-- 前置推送表，MySQL 5.7 及以上或 MariaDB 10.5 及以上。由提供部门的数据库管理员执行。
-- 删除一行：置 ${operation.name} = 'D'，不要物理删除；各方取走后再清理。
create table ${name} (
${[...columns, ...technical, ...primary].join(',\n')}
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin comment = ${quoteText(table.comment, TABLE_COMMENT_MAX)};

${trigger('insert')} set new.${updatedAt.name} = sysdate(6), new.${MARK.name} = null;
-- 只改了交换标记的，不算数据变更。
${trigger('update')} set
  @huitong_marked = not (new.${MARK.name} <=> old.${MARK.name}) and ${same},
  new.${operation.name} = if(not @huitong_marked and new.${operation.name} = 'I' and old.${operation.name} = 'I', 'U', new.${operation.name}),
  new.${updatedAt.name} = if(@huitong_marked, old.${updatedAt.name}, sysdate(6)),
  new.${MARK.name} = if(@huitong_marked, new.${MARK.name}, null);

-- 交换节点的账号读本表；PROCESS 使增量读取能看到尚未提交的写入；写交换标记和清理各需一项权限，不授予则平台不标记、不清理：
-- grant select, update (${MARK.name}), delete on ${name} to 节点账号;
-- grant process on *.* to 节点账号;
-- 不由平台清理时，自行清理三十天前已删除且已取走的行：
-- delete from ${name} where ${operation.name} = 'D' and ${MARK.name} < now() - interval 30 day;
`
}
