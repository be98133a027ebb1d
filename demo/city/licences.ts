import { dateOf, dayOf, LAST_DAY } from './days.ts'
import { creditCodeOf, type Firm } from './firms.ts'
import { bulkRandomOf } from './random.ts'
import { dirtyOneIn, type Truth } from './truth.ts'

/** A row of `licence`. */
export interface LicenceRow {
  readonly id: string
  readonly number: string
  credit_code: string
  readonly item_name: string
  readonly issued_on: string
  valid_until: string
  readonly authority: string
}

/** Permits of firms whose trade needs one, some twice; a few belong to nobody, a few end before they begin. */
export function makeLicences(seed: number, firms: readonly Firm[], authority: string, truth: Truth): LicenceRow[] {
  const random = bulkRandomOf(`huitong/licences/${seed}`)
  const rows: LicenceRow[] = []
  for (const { industry, creditCode, row } of firms) {
    if (industry.permit === null || random.oneIn(6)) continue
    for (let copies = random.oneIn(5) ? 2 : 1; copies > 0; copies--) {
      const issued = dayOf(LAST_DAY) - random.integer(1800)
      rows.push({
        id: String(rows.length + 1),
        number: `JY${row.division_code}${String(rows.length + 1).padStart(7, '0')}`,
        credit_code: creditCode,
        item_name: industry.permit,
        issued_on: dateOf(issued),
        valid_until: dateOf(issued + 365 * random.pick([3, 5])),
        authority,
      })
    }
  }
  const rate = dirtyOneIn(rows.length, 2)
  let turn = 0
  for (const row of rows) {
    if (!random.oneIn(rate)) continue
    const both = random.oneIn(6)
    // A right code of a county of another province that no firm of the city has.
    if (both || turn % 2 === 0) row.credit_code = creditCodeOf('91', '719999', random.integer(2 ** 29))
    if (both || turn % 2 === 1) {
      row.valid_until = dateOf(dayOf(row.issued_on) - 1 - random.integer(700))
      truth.add('licence', row.id, 'valid_before_issued')
    }
    turn++
  }
  // Also those of firms whose own row has a spoilt code.
  const known = new Set(firms.map((one) => one.row.credit_code))
  for (const row of rows) if (!known.has(row.credit_code)) truth.add('licence', row.id, 'licence_orphan')
  return rows
}
