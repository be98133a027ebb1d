import { issueStatement, stopChannel } from '@huitong/contract/exchange'
import type { CallInput } from '@huitong/contract'
import { addDays, shanghaiDate } from '@huitong/codes'
import { keyIdOf, verifyBytes } from '@huitong/segment'
import { sql } from 'kysely'
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  acknowledge,
  anotherChannel,
  receiptFor,
  runWhole,
  seal,
  startRun,
  useChannel,
  verified,
  type Channel,
} from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused } from '../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { STATEMENT_DOMAIN } from './issue-statement.ts'

describe('issue a statement', () => {
  const prepared = useChannel()
  const { platform } = prepared
  const today = shanghaiDate(new Date())
  // A run that began right before midnight belongs to the day before.
  const period = { from: addDays(today, -1), to: today }
  beforeAll(() =>
    runWhole(prepared, prepared.channel, [
      ['1', 'a', '33'],
      ['2', 'b', '33'],
    ]),
  )
  const issue = async (
    channel: Pick<Channel, 'id'> = prepared.channel,
    body: CallInput<typeof issueStatement>['body'] = period,
    account: Account = 'works-officer',
  ) => (await platform.as(account)).call(issueStatement, { params: { id: channel.id }, body })
  guards(platform, issueStatement, {
    input: () => ({ params: { id: prepared.channel.id }, body: period }),
    denied: ['operator', 'works-head', 'authority'],
  })

  test('201: 源 = 发 = 收 = 入 by run and batch, with the digests of both receipts, signed by the platform', async () => {
    const issued = await issue()
    const rows = { source: '2', sealed: '2', received: '2', applied: '2' }
    expect(issued).toMatchObject({ number: expect.stringMatching(/^DZ\d{8}-\d{4}$/), state: 'balanced', ...period })
    expect(issued.totals).toEqual({ runs: 1, batches: 1, rows })
    expect(issued.content.runs).toMatchObject([{ kind: 'copy', generation: 1, state: 'balanced', batches: 1, rows }])
    const stored = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ digest: string; receipt: string; consumer_receipt: string }>(
        sql`select digest, receipt, consumer_receipt from segment where stream_id = ${prepared.channel.id}`,
      ),
    )
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    expect(issued.content.batches).toMatchObject([
      {
        sequence: 1,
        rows: '2',
        sealedDigest: stored.digest,
        receipt: sha256(stored.receipt),
        consumerReceipt: sha256(stored.consumer_receipt),
      },
    ])
    const { document, digest, signature, keyId } = issued.report
    const key = prepared.ground.consumer.platform.signingKey
    expect(keyId).toBe(keyIdOf(key))
    expect(digest).toBe(sha256(document))
    expect(JSON.parse(document)).toEqual(issued.content)
    expect(verifyBytes(key, STATEMENT_DOMAIN, Buffer.from(document), signature)).toBe(true)
    expect(verifyBytes(key, STATEMENT_DOMAIN, Buffer.from(document.replace('"2"', '"3"')), signature)).toBe(false)
    expect(verifyBytes(key, 'huitong/reconciliation/v1', Buffer.from(document), signature)).toBe(false)
  })

  test('a copy that a later one replaced still counts: both moved their rows', async () => {
    const channel = await anotherChannel(prepared)
    await runWhole(prepared, channel, [['1', 'a', '33']])
    await runWhole(prepared, channel, [
      ['1', 'a', '33'],
      ['2', 'b', '33'],
    ])
    const issued = await issue(channel)
    expect(issued).toMatchObject({
      state: 'balanced',
      totals: { runs: 2, batches: 2, rows: { source: '3', applied: '3' } },
    })
    expect(issued.content.batches.map(({ generation, rows }) => [generation, rows])).toEqual([
      [1, '1'],
      [2, '2'],
    ])
  })

  test('an empty period says so; both parties and the centre may ask', async () => {
    const before = { from: '2020-01-01', to: '2020-12-31' }
    for (const account of ['civil-officer', 'works-officer', 'centre'] as const) {
      const issued = await issue(prepared.channel, before, account)
      expect(issued).toMatchObject({ state: 'empty', totals: { runs: 0, batches: 0, rows: { source: '0' } } })
    }
  })

  test('what is on its way is not added up; what was stopped half way does not balance', async () => {
    const channel = await anotherChannel(prepared)
    const run = await startRun(platform, prepared.ground, channel)
    const { provider, consumer } = prepared.ground
    const first = await seal(run.read.input, provider.signing, [['1', 'a', '33']], { final: false })
    await provider.upload(first)
    await verified(platform, channel.id, 1)
    await acknowledge(consumer, receiptFor(first, consumer.signing))
    const second = await seal(run.read.input, provider.signing, [['2', 'b', '33']], { previous: first.signed })
    await provider.upload(second)
    const moving = await issue(channel)
    expect(moving).toMatchObject({ state: 'running', totals: { runs: 0, batches: 0 } })
    expect(moving.content.runs).toMatchObject([
      { state: 'running', rows: { source: null, sealed: '2', received: '2', applied: '1' } },
    ])
    expect(moving.content.batches.map((one) => one.consumerReceipt === null)).toEqual([false, true])
    const centre = await platform.as('centre')
    const { version } = await verified(platform, channel.id, 2)
    await centre.call(stopChannel, { params: { id: channel.id }, body: { reason: '演练' } }, { match: version })
    const stopped = await issue(channel)
    // Stopping gives the generation up: its rows are in no total, and the list still says what became of it.
    expect(stopped.content.runs).toMatchObject([{ state: 'abandoned', rows: { applied: '1' } }])
    expect(stopped).toMatchObject({ state: 'empty', totals: { runs: 0 }, content: { batches: [] } })
  })

  test('rows that the source counted and that did not arrive make it unbalanced', async () => {
    const channel = await anotherChannel(prepared)
    await runWhole(prepared, channel, [['1', 'a', '33']])
    // As if a batch had been lost behind everybody's back.
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update stream set source_rows = 2 where id = ${channel.id}`),
    )
    const issued = await issue(channel)
    expect(issued.state).toBe('unbalanced')
    expect(issued.totals.rows).toEqual({ source: '2', sealed: '1', received: '1', applied: '1' })
  })

  test('400: a period that ends before it begins, or with a day that does not exist', async () => {
    const wrong = await refused(issue(prepared.channel, { from: '2026-02-02', to: '2026-02-01' }), 'request.invalid')
    expect(wrong.places.map((one) => one.path)).toEqual(['/to'])
    await refused(issue(prepared.channel, { from: '2026-02-30', to: '2026-03-01' }), 'request.invalid')
  })

  test('404: for who is no party, and for a channel that does not exist', async () => {
    await refused(issue(prepared.channel, period, 'police-officer'), 'object.not_found')
    await refused(issue({ id: NOBODY }), 'object.not_found')
  })

  test('what was issued cannot be altered by the application', async () => {
    const { id } = await issue()
    const change = platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(sql`update statement set state = 'empty' where id = ${id}`),
    )
    await expect(change).rejects.toMatchObject({ code: '42501' })
  })
})
