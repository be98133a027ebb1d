import { planCheck } from '@huitong/quality'
import { pinyin } from 'pinyin-pro'
import type { Field, FusionDefinition } from './definition.ts'
import { quoted, rowsOf, text, type Sql } from './sql.ts'

const FULL_WIDTH = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0xff01 + at)).join('') + '\u3000'
const HALF_WIDTH = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).join('') + ' '
const LEGAL_FORMS = '(股份有限公司|有限责任公司|有限公司|分公司|合伙企业|普通合伙|有限合伙|个人独资企业|公司|厂|店)+$'

/** ASCII passes untouched: folding costs a pass over the characters, and hardly any value needs it. */
const folded = (x: string): string =>
  `CASE WHEN strlen(${x}) = length(${x}) THEN ${x} ELSE translate(${x}, ${text(FULL_WIDTH)}, ${text(HALF_WIDTH)}) END`

/** What most values of a kind are: they are as they should be, and to see that is cheaper than to make them so. */
const CLEAN: Partial<Record<Field['kind'], string>> = { name: '\\p{Han}+', code: '[0-9A-Z]+', date: '[0-9]{8}' }

/** The value as it is compared; NULL where there is none. */
function normalised(field: Field): string {
  const [clean, x] = [CLEAN[field.kind], quoted(field.code)]
  const made = `nullif(${rewritten(field)}, '')`
  return clean === undefined ? made : `CASE WHEN regexp_full_match(${x}, '${clean}') THEN ${x} ELSE ${made} END`
}

function rewritten({ code, kind }: Field): string {
  const x = folded(quoted(code))
  switch (kind) {
    case 'name':
      return `regexp_replace(lower(${x}), '[\\s·•.]', '', 'g')`
    case 'firm':
      return `regexp_replace(regexp_replace(lower(${x}), '[\\s()\\[\\]{}（）【】·,.\\-]', '', 'g'), '${LEGAL_FORMS}', '')`
    case 'date':
      return `left(regexp_replace(${x}, '[^0-9]', '', 'g'), 8)`
    case 'code':
      return `regexp_replace(upper(${x}), '[\\s\\-]', '', 'g')`
    case 'text':
      return `trim(regexp_replace(lower(${x}), '\\s+', ' ', 'g'))`
  }
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** The form of 18 characters of a number of 15 digits (GB 11643-1989); other values as they are. */
export function idNumber18(x: string): string {
  const century = `CASE WHEN substring(${x}, 13, 3) >= '996' THEN '18' ELSE '19' END`
  const first17 = `substring(${x}, 1, 6) || ${century} || substring(${x}, 7, 9)`
  const sum = WEIGHTS.map((weight, at) => `${weight} * (ascii(substring(${first17}, ${at + 1}, 1)) - 48)`).join(' + ')
  return `CASE WHEN strlen(${x}) = 15 AND regexp_full_match(${x}, '[1-9][0-9]{14}')
    THEN ${first17} || substring('10X98765432', (${sum}) % 11 + 1, 1) ELSE ${x} END`
}

/**
 * Makes `fusion_record`: `record`, `source`, the values of all fields as compared, and `id`, the identifier where it is
 * valid. Its rowid is the number of the record from here on. `relation` is SQL after FROM with `record` (text, unique),
 * `source` (integer) and a text column for each field. `asOf`: no birth date lies after this day.
 */
export async function prepareRecords(
  sql: Sql,
  definition: FusionDefinition,
  relation: string,
  asOf: string,
): Promise<void> {
  const { identifier } = definition
  const names = definition.fields.map((field) => quoted(field.code))
  const values = definition.fields.map((field, at) => `${normalised(field)} AS ${names[at]!}`)
  const isLong = (at: number) => identifier?.kind === 'id_number' && identifier.field === definition.fields[at]!.code
  // In a layer of its own: what is written twice is computed twice.
  const long = names.map((name, at) => (isLong(at) ? `${idNumber18(name)} AS ${name}` : name))
  const id = identifier === null ? 'NULL::VARCHAR' : quoted(identifier.field)
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_record AS SELECT *, ${id} AS id FROM
    (SELECT record, source, ${long.join(', ')} FROM (SELECT record, source, ${values.join(', ')} FROM ${relation}))`)
  if (identifier !== null) await dropInvalid(sql, identifier.kind, asOf)
}

/** Takes away the identifiers that the rule of quality of their kind finds wrong. */
async function dropInvalid(sql: Sql, kind: 'id_number' | 'credit_code', asOf: string): Promise<void> {
  await sql.run('CREATE OR REPLACE TEMP VIEW fusion_numbered AS SELECT rowid AS n, id FROM fusion_record')
  const plan = planCheck(
    [{ code: 'id', kind, parameters: { column: 'id' } }],
    { columns: { n: 'integer', id: 'text' }, key: ['n'], tables: {}, sets: {}, asOf },
    { whole: 'fusion_numbered', tables: {} },
  )
  for (const statement of plan.setup) await sql.run(statement.replace('CREATE TEMP', 'CREATE OR REPLACE TEMP'))
  await sql.run(`CREATE OR REPLACE TEMP TABLE fusion_invalid AS SELECT n FROM (${plan.findings})`)
  await sql.run('UPDATE fusion_record SET id = NULL WHERE rowid IN (SELECT n FROM fusion_invalid)')
}

/** Makes `fusion_sound`: how each character that stands in these columns sounds, as first character of a name and elsewhere. */
export async function prepareSounds(sql: Sql, table: string, columns: readonly string[]): Promise<void> {
  const each = columns.map((one) => `SELECT unnest(string_split(${quoted(one)}, '')) AS c FROM ${table}`)
  const found = await rowsOf(sql, `SELECT DISTINCT c FROM (${each.join(' UNION ALL ')}) WHERE c <> ''`)
  await sql.run('CREATE OR REPLACE TEMP TABLE fusion_sound (c VARCHAR, first VARCHAR, other VARCHAR)')
  const values = found.map(([c]) => {
    const sound = (mode: 'surname' | 'normal') => pinyin(String(c), { toneType: 'none', mode })
    return `(${text(String(c))}, ${text(sound('surname'))}, ${text(sound('normal'))})`
  })
  for (let at = 0; at < values.length; at += 5000)
    await sql.run(`INSERT INTO fusion_sound VALUES ${values.slice(at, at + 5000).join(', ')}`)
}

/** The column that holds how a field sounds. */
export const soundColumn = (field: string): string => `${field}~sound`
