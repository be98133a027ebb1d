import {
  answerCorrection,
  createCorrection,
  decideViolation,
  listViolations,
  stateViolation,
} from '@huitong/contract/governance'
import { shiftLegalClock } from '@huitong/contract/standards'
import { deadlineAfter } from '../run/working-days.ts'
import { needed, pause, until, type LandedTable, type World } from '../run/world.ts'

export interface CorrectionFigures {
  correction_due: string
  correction_due_expected: string
  suspected_before: number
  suspected_after: number
  suspected_of_answered: number
  decided_unheard: string
  violation_state: string
}

const WORKING_DAYS = 10
/** Longer than the platform takes to look for deadlines. */
const LOOK_MS = 6_000

/** Two applications about the register of people: one is answered in time, the other is left until it is too late. */
export async function lateCorrection(world: World, { datasetId }: LandedTable): Promise<CorrectionFigures> {
  const applicant = await world.as('zhujian-officer')
  const provider = await world.as('gongan-officer')
  const body = { datasetId, item: 'address', record: '户号 330106-1', reason: '住址与房屋登记不一致，申请校核' }
  const late = await applicant.call(createCorrection, { body })
  const answered = await applicant.call(createCorrection, { body })
  await provider.call(
    answerCorrection,
    { params: { id: answered.id }, body: { outcome: 'corrected', answer: '已按房屋登记更正' } },
    { match: answered.version },
  )
  const due = deadlineAfter(new Date(late.submittedAt), WORKING_DAYS)
  const centre = await world.as('centre')
  const shiftTo = (moment: Date) =>
    centre.call(shiftLegalClock, { body: { offsetSeconds: Math.round((moment.getTime() - Date.now()) / 1000) } })
  const suspected = async (id: string) => {
    const [row] = await world.platformSql.rows<{ n: string }>(
      'select count(*) as n from violation where subject_id = $1',
      [id],
    )
    return Number(row!.n)
  }
  try {
    await shiftTo(new Date(due.getTime() - 60_000))
    await pause(LOOK_MS)
    const before = await suspected(late.id)
    await shiftTo(new Date(due.getTime() + 60_000))
    await until('the suspicion', async () => (await suspected(late.id)) > 0)
    const head = await world.as('gongan-head')
    const authority = await world.as('bureau-authority')
    const { items } = await head.call(listViolations, { query: { state: 'undecided', limit: '200' } })
    const violation = needed(
      items.find((one) => one.subjectId === late.id),
      'the suspected violation',
    )
    const params = { id: violation.id }
    const decision = { decision: 'confirmed', reason: '逾期未处理，说明不成立' } as const
    const unheard = await authority.refusal(decideViolation, { params, body: decision }, { match: violation.version })
    const statement = { statement: '经办人员轮岗，交接遗漏' }
    const stated = await head.call(stateViolation, { params, body: statement }, { match: violation.version })
    await authority.call(decideViolation, { params, body: decision }, { match: stated.version })
    const [row] = await world.platformSql.rows<{ state: string }>('select state from violation where id = $1', [
      violation.id,
    ])
    return {
      correction_due: late.dueAt,
      correction_due_expected: due.toISOString(),
      suspected_before: before,
      suspected_after: await suspected(late.id),
      suspected_of_answered: await suspected(answered.id),
      decided_unheard: unheard.code,
      violation_state: row!.state,
    }
  } finally {
    await centre.call(shiftLegalClock, { body: { offsetSeconds: 0 } })
  }
}
