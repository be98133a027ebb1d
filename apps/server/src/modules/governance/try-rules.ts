import { join } from 'node:path'
import { tryRules } from '@huitong/contract/rule-design'
import { maskText, previewMask } from '@huitong/policy'
import type { JobInput } from '../../engine-worker/client.ts'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import { query } from '../../kernel/verb.ts'
import { lakeTable, type LandedTable } from '../engine/index.ts'
import { askEngine } from './ask-engine.ts'
import { judgedDataset } from './bindings.ts'
import { ruleSpeaker } from './rule-words.ts'
import { columnsOf, requireSound, scopeOf, type NamedRule, type SuiteScope } from './scope.ts'

const SAMPLE_ROWS = 20
const TRIAL_MS_MAX = 30_000

/**
 * Tries rules on a few rows before they are kept: on rows that were typed in, or on the first of the collected data, whose
 * values only its own department sees unmasked. Whoever else tries rules is told counts: what row by row breaks which of
 * many patterns spells a masked value out.
 */
export const tryRulesVerb = query<typeof tryRules>({
  endpoint: tryRules,
  audit: ({ params, body }, reply) => ({
    objectKind: 'dataset',
    objectId: params.id,
    detail: {
      rules: body.rules.length,
      rows: reply.rows.length,
      collected: body.rows === null,
      values: reply.rows.every((row) => row.broken !== null),
    },
  }),
  async run({ db, actor, services, now }, { params, body }) {
    const dataset = await judgedDataset(db, actor, params.id)
    const rules = body.rules as readonly NamedRule[]
    const suite = await scopeOf(db, params.id, rules, now)
    requireSound(rules, suite.scope)
    requireColumns(suite.table, body.rows)
    const input = await inputOf(db, services, suite, rules, body.rows)
    const speaker = await ruleSpeaker(db, actor, params.id, rules)
    const items = new Map((dataset.live_content?.items ?? []).map((item) => [item.code, item]))
    const isOwn = actor.departmentId === dataset.department_id
    const seesValues = body.rows !== null || isOwn
    const columns = suite.table.columns.map(({ as, item: code }) => {
      const item = items.get(code)
      const mask = seesValues
        ? null
        : previewMask({ code, name: item?.name.zh ?? code, personal: item?.personal ?? true })
      return { column: as, name: item?.name ?? { zh: as }, mask }
    })
    const why = (at: number) => ({ code: rules[at]!.code, why: speaker.finding(rules[at]!) })
    return async () => {
      const trial = await askEngine(services, 'try-rules', input, TRIAL_MS_MAX)
      if (trial.unreadable.length > 0)
        refuse('request.invalid', {
          places: trial.unreadable
            .slice(0, 50)
            .map(({ row, column }) =>
              place(`/rows/${row}/${column}`, '不是该字段类型的值', 'the column cannot hold this value'),
            ),
        })
      const countOf = (at: number) => trial.rows.filter((row) => row.broken.includes(at)).length
      return {
        columns: columns.map(({ mask, ...one }) => ({ ...one, masked: mask !== null })),
        rows: trial.rows.map(({ values, broken }) => ({
          values: columns.map(({ column, mask }) => {
            const value = values[column] ?? null
            return mask === null ? value : maskText(mask, value)
          }),
          broken: seesValues ? broken.map(why) : null,
        })),
        counts: rules.map((_rule, at) => ({ ...why(at), broken: countOf(at) })).filter((one) => one.broken > 0),
      }
    }
  },
})

type Rows = readonly Readonly<Record<string, string | null>>[] | null

function requireColumns(table: LandedTable, rows: Rows): void {
  const known = new Set(table.columns.map((one) => one.as))
  const places = (rows ?? []).flatMap((row, at) =>
    Object.keys(row)
      .filter((name) => !known.has(name))
      .map((name) => place(`/rows/${at}/${name}`, `没有字段 ${name}`, `there is no column ${name}`)),
  )
  if (places.length > 0) refuse('request.invalid', { places: places.slice(0, 50) })
}

async function inputOf(
  db: Reader,
  services: Services,
  { table, others, scope }: SuiteScope,
  rules: readonly NamedRule[],
  rows: Rows,
): Promise<JobInput<'try-rules'>> {
  const at = (path: string) => join(services.settings.dataDir, path)
  const filesOf = async (one: LandedTable) => {
    const lake = (await lakeTable(db, one.channel_id)) ?? refuse('quality.not_landed')
    return { base: lake.base.map(at), changes: lake.changes.map(at), key: one.key }
  }
  const tables: JobInput<'try-rules'>['tables'] = {}
  for (const [id, one] of others) tables[id] = { columns: columnsOf(one), files: await filesOf(one) }
  return {
    rules: rules.map(({ code, kind, parameters }) => ({ code, kind, parameters })),
    columns: scope.columns,
    given: rows === null ? null : rows.map((row) => ({ ...row })),
    table: await filesOf(table),
    sample: SAMPLE_ROWS,
    tables,
    sets: Object.fromEntries(Object.entries(scope.sets).map(([name, codes]) => [name, [...codes]])),
    asOf: scope.asOf,
  }
}
