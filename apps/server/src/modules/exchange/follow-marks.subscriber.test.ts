import { mountDataset } from '@huitong/contract/curation'
import { readChannel, readFrontMarks, setFrontPolicy, stopChannel } from '@huitong/contract/exchange'
import type { MarkInput, MarkResult } from '@huitong/contract/work'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bring,
  CONVENTION,
  copied,
  cursorAt,
  cursorChannel,
  NOTHING_HELD,
  readingOf,
  startNow,
  useFollowed,
} from '../../../../../tests/harness/follow.ts'
import { startRun, type Channel } from '../../../../../tests/harness/exchange.ts'
import { eventually, refused } from '../../../../../tests/harness/guards.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { markFrontTablesJob } from './mark-front-tables.job.ts'

const COUNTED: MarkResult = {
  found: true,
  listed: '1',
  marked: '1',
  cleaned: '0',
  inTable: { marked: '1', unmarked: '2', oldest: '2026-03-02T08:00:00.000Z' },
}

describe('marks of a push table', () => {
  const followed = useFollowed()
  const { platform } = followed
  const officer = () => platform.as('civil-officer')
  const mount = async (mark: string | null) => {
    const { datasetId: id, ground } = followed
    const detail = await (
      await officer()
    ).call(mountDataset, {
      params: { id },
      body: { tableId: ground.table.id, mapping: items, convention: { ...CONVENTION, mark } },
    })
    return detail
  }
  let items: { item: string; field: string }[]
  let channel: Channel
  beforeAll(async () => {
    const mounted = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.one<{ mapping: typeof items }>(sql`select mapping from distribution where dataset_id = ${followed.datasetId}`),
    )
    items = mounted.mapping.map(({ item, field }) => ({ item, field }))
    await mount('exchanged_at')
    // Before there is a task the node looks whether it can be marked.
    await turn()
    const look = await followed.ground.provider.work('mark', followed.ground.sourceId)
    await followed.ground.provider.finish(look, { ...COUNTED, listed: '0', marked: '0' })
    await eventually(view, ({ lookedAt }) => lookedAt !== null)
    channel = await cursorChannel(followed)
  })
  const turn = () =>
    markFrontTablesJob.run(platform.server.services, { fence: '1', signal: new AbortController().signal })
  const view = async () => (await (await officer()).call(readFrontMarks, { params: { id: followed.datasetId } })).front!
  const orders = () =>
    platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ state: string; input: MarkInput }>(
        sql`select state, input from node_work where kind = 'mark' order by created_at`,
      ),
    )
  /** One reading that finds nothing; answers what it was told of the mark. */
  const lookOnce = async (second: number) => {
    const increment = await startNow(followed, channel.id)
    const read = await readingOf(followed, increment)
    const changes = { cursor: cursorAt(second), held: NOTHING_HELD }
    await followed.ground.provider.finish(read, { rows: '0', segments: 0, finalDigest: null, changes })
    await eventually(
      async () => (await platform.as('centre')).call(readChannel, { params: { id: channel.id } }),
      ({ follow }) => follow!.last?.state === 'empty' && follow!.last.id === increment.id,
    )
    return read.input.changes!.mark!
  }
  /** The next order of a kind; orders that only count are done on the way. */
  const order = async (wanted: 'list' | 'clean') => {
    for (;;) {
      await turn()
      const work = await followed.ground.provider.work('mark', followed.ground.sourceId)
      const input = work.input as MarkInput
      if (input[wanted] !== null) return { ...work, input }
      await followed.ground.provider.finish(work, { ...COUNTED, listed: '0', marked: '0' })
    }
  }
  const set = async (cleanAfterDays: number | null, match: number) =>
    (await officer()).call(setFrontPolicy, { params: { id: followed.datasetId }, body: { cleanAfterDays } }, { match })

  test('a row is marked only when every task has applied it; the reading before does not sweep, the one after does', async () => {
    channel = await copied(followed, channel)
    const first = await order('list')
    const list = { channel: channel.id, stream: channel.id, generation: 1 }
    expect(first.input).toMatchObject({
      list,
      clean: null,
      columns: { mark: 'exchanged_at', batch: 'batch_no' },
      table: { name: 'pushed' },
    })
    expect(await lookOnce(1)).toMatchObject({ channel: channel.id, sweep: false })
    await followed.ground.provider.finish(first, COUNTED)
    const seen = await eventually(view, ({ markedAt }) => markedAt !== null)
    expect(seen).toMatchObject({ inTable: COUNTED.inTable, problem: null, cleaned: '0', cleanAfterDays: null })
    expect(seen.tasks).toMatchObject([{ id: channel.id, state: 'following' }])
    const { read } = await bring(followed, channel, [['U', '1', 'b', '33']], { updated: '1' }, cursorAt(2))
    expect(read.changes!.mark!.sweep).toBe(true)

    await followed.ground.provider.finish(await order('list'), COUNTED)
    // Another task begins to copy: what the first has taken waits for it.
    const other = await cursorChannel(followed)
    const run = await startRun(platform, followed.ground, other)
    expect(run.read.input.changes!.mark).toMatchObject({ channel: other.id })
    const lists = async () => (await orders()).filter(({ input }) => input.list !== null).length
    const before = await lists()
    expect((await lookOnce(3)).sweep).toBe(true)
    await turn()
    expect(await lists()).toBe(before)
    const centre = await platform.as('centre')
    await centre.call(
      stopChannel,
      { params: { id: other.id }, body: { reason: '演练' } },
      { match: run.channel.version },
    )
    // The last reading found nothing unmarked: nothing is ordered, however often it looks.
    await turn()
    expect(await lists()).toBe(before)
  })

  test('clean-up is asked for by the policy, up to what each task has read; what keeps it is named, and readings go on without sweeping', async () => {
    const { version } = await view()
    expect(await set(30, version)).toMatchObject({ front: { cleanAfterDays: 30, version: version + 1 } })
    await refused(set(10, version), 'object.changed')
    const asked = await order('clean')
    expect(asked.input.clean).toEqual({ afterDays: 30, before: cursorAt(3).at, rowsMax: 100_000 })
    await followed.ground.provider.fail(asked, 'connector.permission_denied')
    const failed = await eventually(view, ({ problem }) => problem !== null)
    expect(failed.problem!.code).toBe('connector.permission_denied')
    expect((await lookOnce(4)).sweep).toBe(false)
  })
})
