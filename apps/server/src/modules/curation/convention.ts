import type { Words } from '@huitong/contract'
import { place } from '../../kernel/errors.ts'

/** The technical fields by which a front database tells what changed. */
export interface Convention {
  readonly operation: string | null
  readonly updatedAt: string
  readonly batch: string | null
  readonly mark?: string | null
}
interface Field {
  readonly name: string
  readonly canonicalType: string
}

const TIMES = ['timestamp', 'timestamptz']
const LETTERS = ['char', 'varchar', 'text']
const baseOf = (field: Field) => field.canonicalType.replace(/\(.*$/, '')

/** The convention that a table seems to keep: `op` and `updated_at` of fit types, `batch_no`, and the mark `exchanged_at`. */
export function suggestConvention(fields: readonly Field[]): Convention | null {
  const find = (name: string, types?: readonly string[]) =>
    fields.find((field) => field.name.toLowerCase() === name && (types?.includes(baseOf(field)) ?? true))?.name
  const operation = find('op', LETTERS)
  const updatedAt = find('updated_at', TIMES)
  if (operation === undefined || updatedAt === undefined) return null
  return { operation, updatedAt, batch: find('batch_no') ?? null, mark: find('exchanged_at', ['timestamptz']) ?? null }
}

/** The fields of a convention, in no order. */
export const technicalFields = (convention: Convention | null): string[] =>
  convention === null
    ? []
    : [convention.operation, convention.updatedAt, convention.batch, convention.mark ?? null].filter(
        (name) => name !== null,
      )

/** What is wrong with a convention for a table and its mapping, with places. */
export function conventionFaults(
  convention: Convention,
  fields: readonly Field[],
  mapping: readonly { readonly field: string }[],
): { path: string; problem: Words }[] {
  const byName = new Map(fields.map((field) => [field.name, field]))
  const check = (part: keyof Convention, types: readonly string[] | null, zh: string, en: string) => {
    const name = convention[part]
    if (name == null) return []
    const field = byName.get(name)
    const path = `/convention/${part}`
    if (field === undefined) return [place(path, '库表中没有此字段', 'no such field')]
    if (types !== null && !types.includes(baseOf(field))) return [place(path, zh, en)]
    const used = mapping.findIndex((one) => one.field === name)
    return used < 0 ? [] : [place(`/mapping/${used}/field`, '技术字段不作为信息项', 'a technical field is no item')]
  }
  return [
    ...check('operation', LETTERS, '操作标识须为文本字段（I、U、D）', 'the operation must be text (I, U, D)'),
    ...check('updatedAt', TIMES, '更新时间须为时间戳字段', 'the update time must be a timestamp'),
    ...check('batch', null, '', ''),
    ...check(
      'mark',
      ['timestamptz'],
      '交换标记须为带时区的时间戳字段（MySQL 为 TIMESTAMP）',
      'the mark must be a timestamp with time zone',
    ),
  ]
}
