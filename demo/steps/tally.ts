import { readReport } from '@huitong/contract/operations'
import { until, type ReportFigures, type World } from '../run/world.ts'

/** The report as the authority reads it now, by the keys of the city's departments. */
export async function reportNow(world: World) {
  const authority = await world.as('bureau-authority')
  const report = await authority.call(readReport, { query: {} })
  const keys = new Map(world.platform.city.departments.map((one) => [one.name, one.key]))
  const figures: ReportFigures = Object.fromEntries(
    report.departments.map(({ name, figures: own }) => [keys.get(name.zh) ?? name.zh, own]),
  )
  return { ...report, figures }
}

/** Remembers the report before the main job; from now on what the job does is counted. */
export async function beginTally(world: World): Promise<void> {
  await ledgerAtRest(world)
  const { figures, cutOff } = await reportNow(world)
  world.made.tally = { before: figures, since: cutOff, planted: {}, atReport: [] }
}

/** Waits until every act has its place in the ledger, counted in the platform's own tables. */
export const ledgerAtRest = (world: World): Promise<void> =>
  until('the ledger', async () => {
    const [row] = await world.platformSql.rows<{ n: string }>(
      'select (select count(*) from audit) - (select count(*) from audit_leaf) as n',
    )
    return Number(row!.n) === 0
  })
