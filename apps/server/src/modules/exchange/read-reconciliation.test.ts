import { readReconciliation, startReconciliation } from '@huitong/contract/exchange'
import type { ReconcileInput, ReconcileResult } from '@huitong/contract/work'
import { keyIdOf, verifyBytes } from '@huitong/segment'
import { beforeAll, describe, expect, test } from 'vitest'
import { runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { eventually, guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'
import { REPORT_DOMAIN } from './move-reconciliation.ts'

type Row = [key: string, digest: string]

describe('a reconciliation, from buckets to its signed report', () => {
  const prepared = useChannel()
  const { platform } = prepared
  let last = ''
  beforeAll(() => runWhole(prepared, prepared.channel, [['1', 'a', '33']]))
  const read = async (id: string, account: Account = 'works-officer') =>
    (await platform.as(account)).call(readReconciliation, { params: { id } })
  const start = async () => {
    const { id } = await (
      await platform.as('centre')
    ).call(startReconciliation, { params: { id: prepared.channel.id } })
    last = id
    return id
  }
  /** Answers as a node does: bucket by the last digit of the key. */
  const answer = (rows: Row[], { drill }: ReconcileInput): ReconcileResult => {
    const bucketOf = ([key]: Row) => Number(key.at(-1))
    const buckets = [...Map.groupBy(rows, bucketOf)].map(([bucket, own]) => ({
      bucket,
      rows: String(own.length),
      sum: String(own.reduce((sum, [, digest]) => sum + BigInt(digest), 0n)),
    }))
    const drilled = rows.filter((row) => drill?.includes(bucketOf(row)))
    return {
      rows: String(rows.length),
      buckets,
      rowDigests: drilled.map(([key, digest]) => ({ key: [key], digest })),
      at: new Date().toISOString(),
    }
  }
  const answerBoth = async (id: string, source: Row[], target: Row[]) => {
    const { provider, consumer } = prepared.ground
    const [left, right] = [await provider.work('reconcile', id), await consumer.work('reconcile', id)]
    await provider.finish(left, answer(source, left.input as ReconcileInput))
    await consumer.finish(right, answer(target, right.input as ReconcileInput))
    return left.input as ReconcileInput
  }
  const ended = (id: string) =>
    eventually(
      () => read(id),
      (one) => one.state !== 'running',
    )
  guards(platform, readReconciliation, {
    input: async () => ({ params: { id: last || NOBODY } }),
    denied: ['sysadmin', 'works-developer'],
  })

  test('equal: the report is signed by the platform, and any changed byte breaks the signature', async () => {
    const id = await start()
    const rows: Row[] = [
      ['1', '11'],
      ['2', '12'],
      ['13', '13'],
    ]
    await answerBoth(id, rows, rows)
    const equal = await ended(id)
    expect(equal).toMatchObject({
      state: 'equal',
      sourceRows: '3',
      targetRows: '3',
      bucketsDifferent: 0,
      differences: [],
      repair: null,
    })
    const { document, signature, keyId } = equal.report!
    const key = prepared.ground.consumer.platform.signingKey
    expect(keyId).toBe(keyIdOf(key))
    expect(verifyBytes(key, REPORT_DOMAIN, Buffer.from(document), signature)).toBe(true)
    expect(verifyBytes(key, REPORT_DOMAIN, Buffer.from(document.replace('equal', 'equaL')), signature)).toBe(false)
    expect(verifyBytes(key, 'huitong/grant/v1', Buffer.from(document), signature)).toBe(false)
    expect(JSON.parse(document)).toMatchObject({
      reconciliation: id,
      channel: prepared.channel.id,
      state: 'equal',
      sourceRows: '3',
      complete: true,
    })
  })

  test('different: exactly the missing, extra and altered rows are named; only the differing buckets are asked for', async () => {
    const id = await start()
    const source: Row[] = [
      ['1', '11'],
      ['2', '12'],
      ['3', '13'],
      ['4', '14'],
    ]
    const target: Row[] = [
      ['1', '11'],
      ['2', '99'],
      ['4', '14'],
      ['15', '15'],
    ]
    expect((await answerBoth(id, source, target)).drill).toBeNull()
    expect((await answerBoth(id, source, target)).drill).toEqual([2, 3, 5])
    const different = await ended(id)
    expect(different).toMatchObject({
      state: 'different',
      bucketsDifferent: 3,
      differencesTotal: '3',
      repair: { state: 'proposed', upserts: 2, deletes: 1 },
    })
    expect(different.differences.map(({ key, kind }) => [key[0], kind])).toEqual([
      ['2', 'different'],
      ['3', 'missing'],
      ['15', 'extra'],
    ])
    expect(JSON.parse(different.report!.document)).toMatchObject({ state: 'different', bucketsDifferent: 3 })
  })

  test('rows that changed between the two questions do not pass as equal', async () => {
    const id = await start()
    await answerBoth(id, [['1', '11']], [['1', '99']])
    await answerBoth(id, [['1', '11']], [['1', '11']])
    expect(await ended(id)).toMatchObject({ state: 'different', differences: [], repair: null })
  })

  test('a node that fails, or answers something else, fails it; the other node is told to drop it', async () => {
    const { provider, consumer } = prepared.ground
    for (const end of ['fail', 'malformed'] as const) {
      const id = await start()
      const [left, right] = [await provider.work('reconcile', id), await consumer.work('reconcile', id)]
      if (end === 'fail') await provider.fail(left, 'source.unreachable')
      else await provider.finish(left, { rows: 'x' })
      expect(await ended(id)).toMatchObject({ state: 'failed', report: null, problem: { zh: expect.any(String) } })
      expect((await consumer.poll({ running: [right.id] })).revoked).toEqual([right.id])
    }
  })

  test('both parties and who oversees may read it; 404 for the others', async () => {
    for (const account of ['civil-officer', 'works-head', 'centre', 'authority'] as const)
      expect((await read(last, account)).id).toBe(last)
    await refused(read(last, 'police-officer'), 'object.not_found')
    await refused(read(NOBODY), 'object.not_found')
  })
})
