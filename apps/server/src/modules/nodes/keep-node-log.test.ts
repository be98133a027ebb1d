import { randomUUID } from 'node:crypto'
import { addressOf } from '@huitong/contract'
import { keepNodeLog, LOG_LINES_MAX, type NodeLogLine } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { pathsOf, refused } from '../../../../../tests/harness/guards.ts'
import { enrol, type TestNode } from '../../../../../tests/harness/node.ts'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'

const AT = Date.parse('2026-05-08T06:00:00Z')
/** A line that tells of the nth piece of work. */
const line = (n: number): NodeLogLine => ({
  at: new Date(AT + n * 1000).toISOString(),
  level: 'warn',
  kind: 'work.failed',
  work: randomUUID(),
  workKind: 'read',
  milliseconds: n,
  code: 'source.unreachable',
})
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => line(from + n))

describe('a node tells its log', () => {
  const platform = usePlatform({ jobs: false })
  let node: TestNode
  beforeEach(async () => void (node = await enrol(platform, platform.departments.civil)))
  const keep = (told: readonly unknown[], by = node) => by.call(keepNodeLog, { body: { lines: told as NodeLogLine[] } })
  const kept = async () =>
    (
      await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
        db.maybe<{ lines: NodeLogLine[] }>(sql`select lines from node_log where node_id = ${node.id}`),
      )
    )?.lines ?? []

  test('200: lines are added in their order; the same once more, after a lost reply, change nothing', async () => {
    const told = lines(0, 3)
    expect(await keep(told.slice(0, 2))).toEqual({})
    await keep(told.slice(0, 2))
    await keep(told)
    expect(await kept()).toEqual(told)
  })

  test('200: the last two hundred stay, and the oldest give way', async () => {
    const told = lines(0, LOG_LINES_MAX + 50)
    await keep(told.slice(0, LOG_LINES_MAX))
    await keep(told.slice(LOG_LINES_MAX))
    expect(await kept()).toEqual(told.slice(50))
  })

  test('200: each node has a log of its own', async () => {
    const other = await enrol(platform, platform.departments.civil)
    const [own, others] = [lines(0, 1), lines(1, 2)]
    await Promise.all([keep(own), keep(others, other)])
    expect(await kept()).toEqual(own)
  })

  test.each([
    ['an unknown kind', { ...line(0), kind: 'row.read' }, '/lines/1/kind'],
    ['an unknown field', { ...line(0), message: '张三' }, '/lines/1/message'],
    ['a field of another kind', { ...line(0), version: '0.1.0' }, '/lines/1/version'],
    ['words for a code', { ...line(0), code: 'duplicate key 330102199001011234' }, '/lines/1/code'],
    ['a name for an id', { ...line(0), work: '张三' }, '/lines/1/work'],
    ['a part of a second', { ...line(0), milliseconds: 0.5 }, '/lines/1/milliseconds'],
    ['less than nothing', { ...line(0), milliseconds: -1 }, '/lines/1/milliseconds'],
    ['a level of its own', { ...line(0), level: 'debug' }, '/lines/1/level'],
    ['no time', { ...line(0), at: 'yesterday' }, '/lines/1/at'],
  ])('400: %s is refused with its place, and nothing is kept', async (_what, bad, path) => {
    const places = pathsOf(await refused(keep([line(0), bad]), 'request.invalid'))
    expect(places).toEqual([path])
    expect(await kept()).toEqual([])
  })

  test('400: no line, and more than the platform keeps', async () => {
    for (const told of [[], lines(0, LOG_LINES_MAX + 1)])
      expect(pathsOf(await refused(keep(told), 'request.invalid'))).toEqual(['/lines'])
  })

  test('413: a body that no such log can fill', async () => {
    const heavy = { ...line(0), code: 'x'.repeat(keepNodeLog.bodyBytesMax) }
    await refused(keep([heavy]), 'request.too_large')
  })

  test('the longest lines that are allowed fit into a body', async () => {
    const longest = {
      ...line(0),
      stream: randomUUID(),
      source: randomUUID(),
      code: `${'x'.repeat(32)}.${'y'.repeat(32)}.${'z'.repeat(32)}`,
      milliseconds: 2_147_483_647,
    }
    const all = Array.from({ length: LOG_LINES_MAX }, () => ({ ...longest, work: randomUUID() }))
    await keep(all)
    expect(await kept()).toEqual(all)
  })

  test('429: a node that tells without end is held up, and another is not', async () => {
    const other = await enrol(platform, platform.departments.works)
    const answers = await Promise.all(
      Array.from({ length: 12 }, () =>
        keep([line(0)]).then(
          () => 200,
          (error: { code: string }) => error.code,
        ),
      ),
    )
    expect(answers.filter((one) => one === 200).length).toBe(5)
    expect(new Set(answers)).toEqual(new Set([200, 'request.rate_limited']))
    await keep([line(0)], other)
  })

  test('401: without the signature of a node, also for people', async () => {
    const body = { lines: [line(0)] }
    await refused(clientOf(platform.server).call(keepNodeLog, { body }), 'signature.invalid')
    await refused((await platform.as('operator')).call(keepNodeLog, { body }), 'signature.invalid')
    await refused(
      node.bent({ tamper: (request) => (request.body = JSON.stringify({ lines: [line(1)] })) }, keepNodeLog, { body }),
      'signature.invalid',
    )
    expect(addressOf(keepNodeLog, { body })).toBe('/api/v1/node/log')
  })
})
