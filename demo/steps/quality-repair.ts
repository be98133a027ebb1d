import { readWorkOrder, recheckWorkOrder } from '@huitong/contract/governance'
import { openSql, type Sql } from '../run/measure.ts'
import { tally, until, type LandedTable, type World } from '../run/world.ts'
import { completed, start } from './channels.ts'
import { REGISTERS } from './registers.ts'
import { ledgerAtRest } from './tally.ts'

export interface RepairFigures {
  order_findings: number
  repaired_rows: number
  /** Rows that still break a rule after half of the repair: by the demonstration's own query, and by the recheck. */
  left_after_half: number
  open_after_half: number
  open_at_last: number
  order_state: string
  order_entries: number
}

/** What is wrong with licences, in SQL written here. */
const BAD = `(l.credit_code is not null and l.credit_code <> '' and not exists (select from public.enterprise e where e.credit_code = l.credit_code)
  or l.valid_until < l.issued_on)`
const TOUCHED = `updated_at = clock_timestamp(), op = 'U'`

/** The market regulator repairs its licences at the source, first one half and then the rest; a recheck closes the order. */
export async function repairLicences(world: World, landed: LandedTable, orderId: string): Promise<RepairFigures> {
  const { database } = world.platform.databases[REGISTERS.licence.node]
  const source = openSql(() => world.platform.superuser('departments', database))
  const officer = await world.as('shichang-officer')
  const order = await officer.call(readWorkOrder, { params: { id: orderId } })
  const kept = await source.rows<{ id: string; credit_code: string | null; issued_on: string; valid_until: string }>(
    `select id, credit_code, issued_on, valid_until from public.licence l where ${BAD} order by id`,
  )
  const half = kept.slice(0, Math.ceil(kept.length / 2)).map((one) => one.id)
  const rest = kept.slice(half.length).map((one) => one.id)
  try {
    await repair(source, half)
    const first = await recheck(world, landed, orderId)
    const left = await countBad(source)
    await repair(source, world.sabotage === 'quality' ? rest.slice(1) : rest)
    const last = await recheck(world, landed, orderId)
    await ledgerAtRest(world)
    const [entries] = await world.platformSql.rows<{ n: string }>(
      `select count(*) as n from audit a join audit_leaf l on l.audit_id = a.id where a.object_kind = 'work_order' and a.object_id = $1`,
      [orderId],
    )
    return {
      order_findings: Number(order.findings),
      repaired_rows: kept.length,
      left_after_half: left,
      open_after_half: Number(first.findingsOpen),
      open_at_last: Number(last.findingsOpen),
      order_state: last.state,
      order_entries: Number(entries!.n),
    }
  } finally {
    // Later main jobs on the same city find what was planted.
    for (const one of kept)
      await source.rows(
        `update public.licence set credit_code = $2, issued_on = $3, valid_until = $4, ${TOUCHED} where id = $1`,
        [one.id, one.credit_code, one.issued_on, one.valid_until],
      )
  }
}

/** The holder becomes an enterprise that exists, and the two dates change places. */
const repair = (source: Sql, ids: readonly string[]) =>
  source.rows(
    `update public.licence l set ${TOUCHED},
       credit_code = case when exists (select from public.enterprise e where e.credit_code = l.credit_code) then l.credit_code
         else (select min(credit_code) from public.enterprise) end,
       issued_on = least(issued_on, valid_until), valid_until = greatest(issued_on, valid_until)
     where id = any($1::bigint[]) and ${BAD}`,
    [ids],
  )

async function countBad(source: Sql): Promise<number> {
  const [row] = await source.rows<{ n: string }>(`select count(*) as n from public.licence l where ${BAD}`)
  return Number(row!.n)
}

/** What changed at the source arrives in the centre; then the department's officer asks for the recheck. */
async function recheck(world: World, landed: LandedTable, id: string) {
  await start(world, landed.channelId)
  await completed(world, landed.channelId)
  const [row] = await world.centre.rows<{ n: string }>(`select count(*) as n from public.${landed.table}`)
  tally(world, REGISTERS.licence.department, 'rows_shared', Number(row!.n))
  const officer = await world.as('shichang-officer')
  const read = () => officer.call(readWorkOrder, { params: { id } })
  await officer.call(recheckWorkOrder, { params: { id } }, { match: (await read()).version })
  await until('the recheck', async () => (await read()).state !== 'rechecking')
  return read()
}
