import { decidePair, readMaster, readReview, splitMaster } from '@huitong/contract/fusion'
import type { BodyOf } from '@huitong/contract'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { COUNT, FULL, person, useFusion } from './testing/fusion.ts'

describe('what a fusion brought together', () => {
  const ground = useFusion()
  const { platform } = ground
  beforeAll(() => ground.define())

  test('all of one number and those without one become one; values come from whom the definition believes', async () => {
    const run = await ground.fused()
    expect(run.figures).toMatchObject({ records: '92', identified: '80', changed: '0', leftOutPairs: '0' })
    const masters = await ground.masters(run.id)
    const [found] = await ground.masters(run.id, person(1).number)
    expect(found).toMatchObject({ members: 2 })
    const master = await ground.open(run.id, found!.master)
    expect(master.values.map((one) => one.value)).toEqual([
      person(1).name,
      person(1).number,
      person(1).phone,
      '西湖区1',
    ])
    const sourceOf = (at: number) => master.records.find((one) => one.record === master.values[at]!.record)!.source
    expect([0, 1, 2, 3].map(sourceOf)).toEqual([0, 0, 0, 1])
    // Without a number, but with the same name and telephone; and where the police have no telephone, welfare has.
    const third = await ground.masters(run.id, person(3).number)
    expect(third[0]).toMatchObject({ members: 2 })
    expect(masters.length).toBe(Math.min(50, Number(run.figures!.masters)))
    expect(Number(run.figures!.masters)).toBeGreaterThanOrEqual(COUNT)
    expect(Number(run.figures!.masters)).toBeLessThanOrEqual(COUNT + 4)
  })

  test('values are masked unless a purpose is stated; every reading is audited with it, and never with a value', async () => {
    const run = await ground.latest()
    const [one] = await ground.masters(run.id, person(1).number)
    const masked = await ground.open(run.id, one!.master, {})
    expect(masked.values.map((value) => [value.value, value.masked])).toEqual([
      [`${person(1).name[0]!}**`, true],
      [`${person(1).number.slice(0, 6)}********${person(1).number.slice(-4)}`, true],
      [`${person(1).phone.slice(0, 3)}****${person(1).phone.slice(-4)}`, true],
      [null, true],
    ])
    await refused(ground.open(run.id, one!.master, { full: true }), 'centre.purpose_required')
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ content: string }>(sql`select content from audit where action = ${readMaster.id}`),
    )
    expect(audits.some(({ content }) => content.includes('核对融合结果'))).toBe(true)
    for (const { content } of audits)
      for (const value of [person(1).name, person(1).number]) expect(content).not.toContain(value)
  })

  test('a merge that is undone stays undone, and the history tells; what a person says are one become one', async () => {
    const before = await ground.latest()
    const [wrong] = await ground.masters(before.id, person(1).number)
    const { records } = await ground.open(before.id, wrong!.master)
    const leaving = records.find((one) => one.source === 1)!.record
    const undo = (body: BodyOf<typeof splitMaster>) =>
      ground.centre.call(splitMaster, { params: { id: before.id, master: wrong!.master }, body })
    const all = await refused(
      undo({ records: records.map((one) => one.record), note: '两人共用号码' }),
      'request.invalid',
    )
    expect(pathsOf(all)).toEqual(['/records'])
    expect(await undo({ records: [leaving], note: '两人共用号码' })).toEqual({ apart: 1 })
    // Two of different valid numbers can not be one; a person cannot say otherwise.
    const other = (await ground.masters(before.id, person(2).number))[0]!
    const police = (await ground.open(before.id, other.master)).records.find((one) => one.source === 0)!.record
    const decide = (one: string, another: string, verdict: 'same' | 'different' | 'later') =>
      ground.centre.call(decidePair, { params: { id: before.id }, body: { one, other: another, verdict } })
    const firstPolice = records.find((one) => one.source === 0)!.record
    await refused(decide(firstPolice, police, 'same'), 'fusion.two_identifiers')
    await refused(decide(firstPolice, firstPolice, 'same'), 'request.invalid')
    await refused(decide(firstPolice, 'f'.repeat(32), 'same'), 'request.invalid')
    const run = await ground.fused()
    expect(run.figures!.changed).toBe('1')
    const both = await ground.masters(run.id, person(1).number)
    const opened = await Promise.all(both.map((one) => ground.open(run.id, one.master)))
    expect(opened.map((one) => one.records.map(({ record }) => record)).toSorted()).toEqual(
      [[firstPolice], [leaving]].toSorted(),
    )
    const kept = opened.find((one) => one.records[0]!.record === firstPolice)!
    expect(kept.history).toMatchObject([{ runId: run.id, record: leaving, change: 'left' }])
    expect(kept.decisions).toMatchObject([
      { one: leaving, other: firstPolice, verdict: 'different', note: '两人共用号码' },
    ])
    // And back again: the latest word counts.
    await decide(leaving, firstPolice, 'same')
    const again = await ground.fused()
    expect((await ground.masters(again.id, person(1).number))[0]).toMatchObject({ members: 2 })
  })

  test('pairs that are unsure are shown with what agrees, and a decision takes them off the next list', async () => {
    const run = await ground.latest()
    const review = await ground.centre.call(readReview, { params: { id: run.id }, query: {}, body: FULL })
    expect(review.items.length).toBe(Number(run.figures!.reviewPairs))
    expect(review.items.length).toBeGreaterThan(0)
    const pair = review.items[0]!
    expect(pair.agreements.map((one) => one.field)).toEqual(['name', 'phone'])
    expect(pair.probability).toBeGreaterThan(0.05)
    expect(pair.one.values[0]!.value).not.toBeNull()
    const body = { one: pair.one.record, other: pair.other.record }
    await ground.centre.call(decidePair, { params: { id: run.id }, body: { ...body, verdict: 'later' } })
    const waiting = await ground.centre.call(readReview, { params: { id: run.id }, query: {}, body: {} })
    expect(waiting.items[0]!.decided).toMatchObject({ verdict: 'later' })
    await ground.centre.call(decidePair, {
      params: { id: run.id },
      body: { ...body, verdict: 'different', note: '同名不同人' },
    })
    const next = await ground.fused()
    const left = await ground.centre.call(readReview, { params: { id: next.id }, query: {}, body: {} })
    const names = left.items.map((one) => [one.one.record, one.other.record].toSorted().join())
    expect(names).not.toContain([body.one, body.other].toSorted().join())
  })
})
