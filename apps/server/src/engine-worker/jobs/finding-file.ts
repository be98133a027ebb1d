import type { DuckDBConnection } from '@duckdb/node-api'
import { MASK_BITS } from '@huitong/quality'
import { Type } from 'typebox'
import { identifier, literal } from './sql-text.ts'

/** A file of the failing rows of a check, as `check-quality` writes it: the key, `#m0` … (masks of rules), `#v…` (values). */
export const FindingFile = Type.String({ pattern: '^/', maxLength: 4096 })
/** The place of a rule in its suite. */
export const RulePlace = Type.Integer({ minimum: 0, maximum: 511 })
export const Key = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { minItems: 1 })

/** The rows in the order of their keys, which is that of the file. */
export const findingRows = (path: string): string => `read_parquet(${literal(path)}, file_row_number = true)`

/** Whether a row (of the relation `of`, where several stand beside each other) breaks a rule. */
export function breaks(rule: number, of?: string): string {
  const mask = identifier(`#m${Math.floor(rule / MASK_BITS)}`)
  return `(${of === undefined ? '' : `${of}.`}${mask} >> ${rule % MASK_BITS}) & 1 = 1`
}

/** Whether two rows have the same key. `asText`: where a column of it is a text in one of the two. */
export function sameKey(key: readonly string[], [one, other]: readonly [string, string], asText = false): string {
  const of = (relation: string, name: string) =>
    asText ? `CAST(${relation}.${identifier(name)} AS VARCHAR)` : `${relation}.${identifier(name)}`
  return key.map((name) => `${of(one, name)} = ${of(other, name)}`).join(' AND ')
}

/** Whether a column of the key is a text in one of the files alone: numbers of two types are compared as numbers, `1.0` is 1. */
export async function keysDiffer(
  db: DuckDBConnection,
  files: readonly [string, string],
  key: readonly string[],
): Promise<boolean> {
  const types = async (file: string) => {
    const rows = (await db.runAndReadAll(`DESCRIBE SELECT * FROM ${findingRows(file)}`)).getRowObjects()
    return new Map(rows.map((row) => [String(row['column_name']), String(row['column_type'])]))
  }
  const [one, other] = [await types(files[0]), await types(files[1])]
  return key.some((name) => (one.get(name) === 'VARCHAR') !== (other.get(name) === 'VARCHAR'))
}
