import { randomUUID } from 'node:crypto'
import {
  addCodeSetVersion,
  createCodeSet,
  listCodeSets,
  readCodeSet,
  type CodeSetDetail,
  type CodeSetView,
} from '@huitong/contract/data-standards'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Person } from '../../kernel/actor.ts'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { pageAt, pageOf } from '../../kernel/paging.ts'
import { command, query } from '../../kernel/verb.ts'

interface SetRow {
  id: string
  code: string
  name: { zh: string; en?: string }
  source: string
  national: boolean
  updated_at: Date
  version: number
  label: string
  count: number
}
interface Code {
  code: string
  name: string
}

const SELECT = sql.raw(`select s.*, v.label, jsonb_array_length(v.codes) as count from code_set s join lateral (
    select label, codes from code_set_version where code_set_id = s.id order by number desc limit 1) v on true`)

const viewOf = (row: SetRow): Static<typeof CodeSetView> => ({
  id: row.id,
  code: row.code,
  name: row.name,
  source: row.source,
  national: row.national,
  label: row.label,
  count: row.count,
  updatedAt: row.updated_at.toISOString(),
  version: row.version,
})

/** A search for a part of code or name; nothing where nothing is asked. */
export const likeOf = (q: string | undefined): string | null =>
  q === undefined || q === '' ? null : `%${q.replaceAll(/[\\%_]/g, (one) => `\\${one}`)}%`

async function detailOf(db: Reader, actor: Person, id: string, label?: string): Promise<Static<typeof CodeSetDetail>> {
  const row = await db.one<SetRow>(sql`${SELECT} where s.id = ${id} and s.jurisdiction = ${actor.jurisdiction}`)
  const versions = await db.many<{ label: string; count: number; valid_from: string | null; added_at: Date }>(
    sql`select label, jsonb_array_length(codes) as count, valid_from, added_at from code_set_version
      where code_set_id = ${id} order by number desc`,
  )
  const shown = label ?? row.label
  const { codes } = await db.one<{ codes: Code[] }>(
    sql`select codes from code_set_version where code_set_id = ${id} and label = ${shown}`,
  )
  return {
    ...viewOf(row),
    versions: versions.map((one) => ({
      label: one.label,
      count: one.count,
      validFrom: one.valid_from,
      addedAt: one.added_at.toISOString(),
    })),
    shown,
    codes,
  }
}

/** Code sets of the jurisdiction by code. */
export const listCodeSetsVerb = query<typeof listCodeSets>({
  endpoint: listCodeSets,
  audit: null,
  async run({ db, actor }, input) {
    const at = pageAt(input.query, 1)
    const like = likeOf(input.query.q)
    const rows = await db.many<SetRow>(sql`${SELECT} where s.jurisdiction = ${actor.jurisdiction}
      ${like === null ? sql`` : sql`and (s.code ilike ${like} or s.name->>'zh' ilike ${like} or s.name->>'en' ilike ${like})`}
      ${at.after ? sql`and s.code > ${at.after[0]}` : sql``} order by s.code limit ${at.limit + 1}`)
    return pageOf(rows, at, (row) => [row.code], viewOf)
  },
})

/** One code set with the codes of a version, the newest unless another is named. */
export const readCodeSetVerb = query<typeof readCodeSet>({
  endpoint: readCodeSet,
  audit: null,
  run: ({ db, actor }, { params, query: { label } }) => detailOf(db, actor, params.id, label),
})

function requireDistinct(codes: readonly Code[]): void {
  const seen = new Set<string>()
  const repeated = codes.flatMap(({ code }, at) => {
    const isNew = !seen.has(code)
    seen.add(code)
    return isNew ? [] : [place(`/codes/${at}/code`, `代码 ${code} 重复`, `code ${code} repeats`)]
  })
  if (repeated.length > 0) refuse('request.invalid', { places: repeated.slice(0, 50) })
}

export const createCodeSetVerb = command<typeof createCodeSet>({
  endpoint: createCodeSet,
  audit: ({ body }, reply) => ({
    objectKind: 'code_set',
    objectId: reply.id,
    detail: { code: body.code, version: body.label, codes: body.codes.length },
  }),
  async run({ db, actor, now }, { body }) {
    requireDistinct(body.codes)
    const taken = await db.maybe(
      sql`select 1 from code_set where jurisdiction = ${actor.jurisdiction} and code = ${body.code}`,
    )
    if (taken) refuse('object.exists', { places: [place('/code', '该代码集编号已有', 'this code set exists')] })
    const id = randomUUID()
    await db.run(sql`insert into code_set (id, jurisdiction, code, name, source, national, updated_at)
      values (${id}, ${actor.jurisdiction}, ${body.code}, ${JSON.stringify(body.name)}, ${body.source}, false, ${now})`)
    await db.run(sql`insert into code_set_version (code_set_id, number, label, codes, valid_from, added_at)
      values (${id}, 1, ${body.label}, ${JSON.stringify(body.codes)}, ${body.validFrom ?? null}, ${now})`)
    return detailOf(db, actor, id)
  },
})

/** Adds a version; what was bound or judged by an earlier one stays with that. National tables come with the platform. */
export const addCodeSetVersionVerb = command<typeof addCodeSetVersion>({
  endpoint: addCodeSetVersion,
  audit: ({ params, body }) => ({
    objectKind: 'code_set',
    objectId: params.id,
    detail: { version: body.label, codes: body.codes.length },
  }),
  async run({ db, actor, now }, { params, body, match }) {
    const before = await detailOf(db, actor, params.id)
    if (before.version !== match) refuse('object.changed')
    if (before.national)
      refuse('object.state', {
        places: [
          place('/label', '国家标准代码集随平台升级更新，不能在此修改', 'national tables come with the platform'),
        ],
      })
    requireDistinct(body.codes)
    if (before.versions.some((one) => one.label === body.label))
      refuse('object.exists', { places: [place('/label', '该版本号已有', 'this version exists')] })
    await db.run(sql`insert into code_set_version (code_set_id, number, label, codes, valid_from, added_at)
      values (${params.id}, ${before.versions.length + 1}, ${body.label}, ${JSON.stringify(body.codes)}, ${body.validFrom ?? null}, ${now})`)
    await db.run(
      sql`update code_set set updated_at = ${now}, version = version + 1 where id = ${params.id} and version = ${match}`,
    )
    return detailOf(db, actor, params.id)
  },
})
