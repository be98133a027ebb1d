import { quoteIdentifier, quoteText } from '@huitong/policy'
import { type FrontColumn, type FrontTable, TECHNICAL } from './front-table.ts'

/** Characters of a `varchar2` that hold in 4000 bytes, whatever they are. */
const TEXT_CHARACTERS_MAX = 1_000

function typeOf({ type, length, key, name }: FrontColumn): string {
  switch (type) {
    case 'text':
    case 'memo':
      if (type === 'text' && length !== null && length > 0 && length <= TEXT_CHARACTERS_MAX)
        return `varchar2(${length} char)`
      if (key) throw new RangeError(`${name}: a key needs a length of ${TEXT_CHARACTERS_MAX} characters at most`)
      return 'clob'
    case 'integer':
      return 'number(19)'
    case 'decimal':
      return 'number'
    case 'money':
      return 'number(18,2)'
    case 'date':
      return 'date'
    case 'datetime':
      return 'timestamp(6)'
    case 'boolean':
      return 'number(1)'
    case 'binary':
      if (key) throw new RangeError(`${name}: bytes are no key`)
      return 'blob'
  }
}

/**
 * Oracle 12.2 and newer, and Dameng 8, which takes the same words. Written after their manuals and **not verified**: there
 * was no such server. Names are quoted, so that they stay in small letters.
 * @throws RangeError for a key that such a table cannot have.
 */
export function oracleFrontTable(table: FrontTable, product: string): string {
  const name = quoteIdentifier(table.name)
  const touch = quoteIdentifier(`${table.name}_touch`)
  const { operation, updatedAt, batch } = TECHNICAL
  const [op, at, number] = [operation, updatedAt, batch].map((one) => quoteIdentifier(one.name)) as [
    string,
    string,
    string,
  ]
  const key = table.columns.filter((column) => column.key).map((column) => quoteIdentifier(column.name))
  const columns = table.columns.map((column) => {
    const column_ = quoteIdentifier(column.name)
    const required = !column.nullable || column.key ? ' not null' : ''
    const check = column.type === 'boolean' ? ` check (${column_} in (0, 1))` : ''
    return `  ${column_} ${typeOf(column)}${required}${check}`
  })
  const technical = [
    `  ${op} char(1) default 'I' not null check (${op} in ('I', 'U', 'D'))`,
    `  ${at} timestamp(6) with time zone default systimestamp not null`,
    `  ${number} number(19) default 1 not null`,
  ]
  const primary = key.length > 0 ? [`  primary key (${key.join(', ')})`] : []
  const comments = [...table.columns, operation, updatedAt, batch].map(
    (column) => `comment on column ${name}.${quoteIdentifier(column.name)} is ${quoteText(column.comment)};`,
  )
  return `-- 前置推送表，${product}。未经验证（not verified）：按产品手册编写，执行前请由数据库管理员核对。
-- 删除一行：置 op = 'D'，不要物理删除；各方取走后再清理。空文本在该数据库中就是空值。
create table ${name} (
${[...columns, ...technical, ...primary].join(',\n')}
);
create index ${quoteIdentifier(`${table.name}_at`)} on ${name} (${[at, ...key].join(', ')});
comment on table ${name} is ${quoteText(table.comment)};
${comments.join('\n')}

create or replace trigger ${touch} before insert or update on ${name} for each row
begin
  if updating and :new.${op} = 'I' and :old.${op} = 'I' then
    :new.${op} := 'U';
  end if;
  :new.${at} := systimestamp;
end;
/

-- 交换节点的账号只读本表：
-- grant select on ${name} to 节点账号;
-- 清理三十天前已删除的行：
-- delete from ${name} where ${op} = 'D' and ${at} < systimestamp - interval '30' day;
`
}
