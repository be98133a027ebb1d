import { randomUUID } from 'node:crypto'
import {
  createDataElement,
  listDataElements,
  readDataElement,
  updateDataElement,
  type ElementContent,
  type ElementDetail,
  type ElementView,
} from '@huitong/contract/data-standards'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'
import { likeOf } from './code-sets.ts'
import { elementFormat } from './element-format.ts'

export interface ElementRow {
  id: string
  identifier: string
  content: ElementContent
  state: 'in_force' | 'retired'
  national: boolean
  updated_at: Date
  version: number
  set_code: string | null
  set_name: { zh: string; en?: string } | null
}

export const SELECT_ELEMENT = sql.raw(`select e.*, s.code as set_code, s.name as set_name from data_element e
  left join code_set s on s.id = (e.content->'codeSet'->>'id')::uuid`)

export const elementView = (row: ElementRow): Static<typeof ElementView> => ({
  id: row.id,
  identifier: row.identifier,
  name: row.content.name,
  type: row.content.type,
  format: elementFormat(row.content),
  codeSet:
    row.content.codeSet && row.set_code !== null
      ? { ...row.content.codeSet, code: row.set_code, name: row.set_name! }
      : null,
  national: row.national,
  state: row.state,
  updatedAt: row.updated_at.toISOString(),
  version: row.version,
})

async function detailOf(db: Reader, actor: Person, id: string): Promise<Static<typeof ElementDetail>> {
  const row = await db.one<ElementRow>(
    sql`${SELECT_ELEMENT} where e.id = ${id} and e.jurisdiction = ${actor.jurisdiction}`,
  )
  const versions = await db.many<{ number: number; content: ElementContent; at: Date }>(
    sql`select number, content, at from data_element_version where element_id = ${id} order by number desc`,
  )
  return {
    ...elementView(row),
    content: row.content,
    versions: versions.map(({ number, content, at }) => ({
      number,
      name: content.name,
      format: elementFormat(content),
      at: at.toISOString(),
    })),
  }
}

/** Data elements of the jurisdiction by identifier; `q` also finds synonyms. */
export const listDataElementsVerb = query<typeof listDataElements>({
  endpoint: listDataElements,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, 1)
    const like = likeOf(input.query.q)
    const rows = await db.many<ElementRow>(sql`${SELECT_ELEMENT} where e.jurisdiction = ${actor.jurisdiction}
      ${
        like === null
          ? sql``
          : sql`and (e.identifier ilike ${like} or e.content->'name'->>'zh' ilike ${like} or e.content->'name'->>'en' ilike ${like}
        or exists (select from jsonb_array_elements_text(coalesce(e.content->'synonyms', '[]')) y where y ilike ${like}))`
      }
      ${at.after ? sql`and e.identifier > ${at.after[0]}` : sql``} order by e.identifier limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.identifier], elementView)
  },
})

export const readDataElementVerb = query<typeof readDataElement>({
  endpoint: readDataElement,
  audit: null,
  run: ({ db, actor }, { params }) => detailOf(db, actor, params.id),
})

/** What contradicts itself in the attributes of an element, each with its place. */
function contradictions(content: ElementContent) {
  const { type, minLength, maxLength, digits, scale, codeSet, check } = content
  const isNumber = type === 'integer' || type === 'decimal'
  const wrong = (path: string, isWrong: boolean, zh: string, en: string) =>
    isWrong ? [place(`/content${path}`, zh, en)] : []
  return [
    ...wrong(
      '/maxLength',
      (minLength ?? 0) > (maxLength ?? Infinity),
      '最大长度小于最小长度',
      'below the least length',
    ),
    ...wrong('/minLength', type !== 'text' && minLength !== undefined, '只有文本有长度', 'only texts have a length'),
    ...wrong('/maxLength', type !== 'text' && maxLength !== undefined, '只有文本有长度', 'only texts have a length'),
    ...wrong('/digits', !isNumber && digits !== undefined, '只有数字有位数', 'only numbers have digits'),
    ...wrong('/scale', type !== 'decimal' && scale !== undefined, '只有小数有小数位', 'only decimals have places'),
    ...wrong(
      '/scale',
      scale !== undefined && scale >= (digits ?? 39),
      '小数位须少于总位数',
      'fewer places than digits',
    ),
    ...wrong(
      '/codeSet',
      codeSet !== undefined && !['text', 'integer'].includes(type),
      '有代码集的数据元应为文本或整数',
      'codes are texts or whole numbers',
    ),
    ...wrong(
      '/check',
      check !== undefined && type !== 'text',
      '号码类数据元应为文本',
      'numbers with check characters are texts',
    ),
  ]
}

async function requireSoundElement(db: Reader, actor: Person, content: ElementContent): Promise<void> {
  const places = contradictions(content)
  if (content.codeSet) {
    const known = await db.maybe(sql`select 1 from code_set s join code_set_version v on v.code_set_id = s.id
      where s.id = ${content.codeSet.id} and s.jurisdiction = ${actor.jurisdiction} and v.label = ${content.codeSet.label}`)
    if (!known) places.push(place('/content/codeSet', '没有这个代码集版本', 'no such version of a code set'))
  }
  if (places.length > 0) refuse('request.invalid', { places })
}

export const createDataElementVerb = command<typeof createDataElement>({
  endpoint: createDataElement,
  audit: ({ body }, reply) => ({
    objectKind: 'data_element',
    objectId: reply.id,
    detail: { identifier: body.identifier },
  }),
  async run({ db, actor, now }, { body }) {
    await requireSoundElement(db, actor, body.content)
    const taken = await db.maybe(
      sql`select 1 from data_element where jurisdiction = ${actor.jurisdiction} and identifier = ${body.identifier}`,
    )
    if (taken) refuse('object.exists', { places: [place('/identifier', '该标识符已有', 'this identifier exists')] })
    const id = randomUUID()
    const content = JSON.stringify(body.content)
    await db.run(sql`insert into data_element (id, jurisdiction, identifier, content, state, national, updated_at)
      values (${id}, ${actor.jurisdiction}, ${body.identifier}, ${content}, 'in_force', false, ${now})`)
    await db.run(
      sql`insert into data_element_version (element_id, number, content, at) values (${id}, 1, ${content}, ${now})`,
    )
    return detailOf(db, actor, id)
  },
})

/** Revises an element: its earlier contents stay as versions. What came with the platform can be retired, not rewritten. */
export const updateDataElementVerb = command<typeof updateDataElement>({
  endpoint: updateDataElement,
  audit: ({ params, body }, reply) => ({
    objectKind: 'data_element',
    objectId: params.id,
    detail: { identifier: reply.identifier, version: reply.version, state: body.state },
  }),
  async run({ db, actor, now }, { params, body, match }) {
    const before = await detailOf(db, actor, params.id)
    if (before.version !== match) refuse('object.changed')
    const content = JSON.stringify(body.content)
    const isRewritten = !isSame(body.content, before.content)
    if (before.national && isRewritten)
      refuse('object.state', {
        places: [place('/content', '国家标准数据元不能改写，可停用后另建', 'a national element is not rewritten')],
      })
    await requireSoundElement(db, actor, body.content)
    const updated =
      await db.run(sql`update data_element set content = ${content}, state = ${body.state}, updated_at = ${now}, version = version + 1
      where id = ${params.id} and version = ${match}`)
    // Somebody else's revision was committed since it was read.
    if (updated === 0) refuse('object.changed')
    if (isRewritten)
      await db.run(sql`insert into data_element_version (element_id, number, content, at)
        values (${params.id}, ${before.versions.length + 1}, ${content}, ${now})`)
    return detailOf(db, actor, params.id)
  },
})

const isSame = (left: object, right: object): boolean => JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([left], [right]) => (left < right ? -1 : 1))
          .map(([key, one]) => [key, sorted(one)]),
      )
    : value
