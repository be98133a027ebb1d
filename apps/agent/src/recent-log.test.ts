import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOG_FIELDS, LOG_KINDS, LOG_LINES_MAX, type LogKind, NodeLogLine, strayFields } from '@huitong/contract/nodes'
import fc from 'fast-check'
import { Check } from 'typebox/value'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog, type LogFields } from './log.ts'
import { RecentLog } from './recent-log.ts'

const EVER = new AbortController().signal
const NOW = AbortSignal.abort()
const WORK = randomUUID()
const NAME = '张三 330102199001011234'

let dir = ''
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'huitong-recent-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const file = () => join(dir, 'last-lines.json')
const saved = () => JSON.parse(readFileSync(file(), 'utf8')) as NodeLogLine[]
/** An agent's log with what is recent of it. */
function open(): { recent: RecentLog; log: ReturnType<typeof createLog> } {
  const recent = new RecentLog()
  recent.open(dir)
  return { recent, log: createLog(() => undefined, recent.note) }
}

describe('what may leave the department', () => {
  test('is a line of a known kind with its own fields; reasons, details and names stay', async () => {
    const { recent, log } = open()
    const base = log.with({ work: WORK, kind: 'read', stream: WORK })
    base.warn('work.failed', { code: 'connector.not_supported', detail: NAME, milliseconds: 12 })
    base.info('work.done', { rows: '7', file: '名单.csv', version: '0.1.0', milliseconds: 3 })
    log.warn('ferry.refused', { name: NAME, code: 'x' })
    log.info('made.up', { rows: '1' })
    expect(await recent.waiting(EVER)).toEqual([
      {
        at: expect.any(String) as string,
        level: 'warn',
        kind: 'work.failed',
        work: WORK,
        workKind: 'read',
        stream: WORK,
        code: 'connector.not_supported',
        milliseconds: 12,
      },
      {
        at: expect.any(String) as string,
        level: 'info',
        kind: 'work.done',
        work: WORK,
        workKind: 'read',
        stream: WORK,
        rows: '7',
        milliseconds: 3,
      },
    ])
  })

  test('numbers pass as numbers or digits, and whatever has not the shape of its field is left out', async () => {
    const { recent, log } = open()
    log.info('files.sealed', { stream: NAME, files: '12', left: 0 })
    log.info('agent.started', { version: `0.1.0 ${NAME}`, bytes: 4096 })
    log.warn('platform.away', { code: `Error: ${NAME}` })
    const [files, started, away] = await recent.waiting(EVER)
    expect(files).toEqual({ at: files!.at, level: 'info', kind: 'files.sealed', files: 12, left: 0 })
    expect(started).toEqual({ at: started!.at, level: 'info', kind: 'agent.started', bytes: '4096' })
    expect(away).toEqual({ at: away!.at, level: 'warn', kind: 'platform.away' })
  })

  test('whatever is logged, what is told fits the contract and holds no word of it', async () => {
    const names = [
      ...Object.keys(LOG_FIELDS),
      'kind',
      'reason',
      'detail',
      'name',
      '__proto__',
      'constructor',
      'toString',
    ]
    const value = fc.oneof(fc.string(), fc.constant(NAME), fc.integer(), fc.double(), fc.boolean(), fc.constant(null))
    const events = fc.oneof(
      fc.constantFrom(...Object.keys(LOG_KINDS)),
      fc.constantFrom('__proto__', 'toString'),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(events, fc.dictionary(fc.constantFrom(...names), value), async (event, fields) => {
        const { recent, log } = open()
        log.warn(event, fields as LogFields)
        const lines = await recent.waiting(NOW)
        expect(lines.length).toBe(Object.hasOwn(LOG_KINDS, event) ? 1 : 0)
        for (const line of lines) {
          expect(Check(NodeLogLine, line)).toBe(true)
          expect(strayFields(line)).toEqual([])
          expect(JSON.stringify(line)).not.toContain('张三')
        }
      }),
      { numRuns: 300 },
    )
  })

  test('every field of every kind passes in its own shape', async () => {
    const fields = {
      version: '0.1.0',
      work: WORK,
      kind: 'apply',
      stream: WORK,
      source: WORK,
      upload: WORK,
      generation: 1,
      sequence: 2,
      attempt: 3,
      files: 4,
      rows: '5',
      bytes: '6',
      left: 7,
      milliseconds: 8,
      code: 'source.unreachable',
    }
    const { recent, log } = open()
    for (const kind of Object.keys(LOG_KINDS)) log.info(kind, fields)
    const lines = await recent.waiting(EVER)
    for (const { at: _at, level: _level, kind, ...told } of lines)
      expect([kind, Object.keys(told).toSorted()]).toEqual([kind, [...LOG_KINDS[kind as LogKind]].toSorted()])
    expect(lines.length).toBe(Object.keys(LOG_KINDS).length)
  })
})

describe('what is kept of it', () => {
  const fill = (log: ReturnType<typeof createLog>, from: number, to: number) => {
    for (let n = from; n < to; n++) log.info('read.sealed', { rows: n })
  }
  const rowsOf = (lines: readonly NodeLogLine[]) => lines.map(({ rows }) => Number(rows))

  test('are the last two hundred lines; those that were taken are forgotten, those that came meanwhile are not', async () => {
    const { recent, log } = open()
    fill(log, 0, LOG_LINES_MAX + 20)
    const lines = await recent.waiting(EVER)
    expect(rowsOf(lines)).toEqual(Array.from({ length: LOG_LINES_MAX }, (_, n) => n + 20))
    fill(log, 220, 222)
    recent.forget(lines)
    expect(rowsOf(await recent.waiting(EVER))).toEqual([220, 221])
  })

  test('what a wait says again and again is one line a minute, however it waits', async () => {
    const { recent, log } = open()
    for (let n = 0; n < 30; n++) log.warn('apply.waiting', { stream: WORK, code: 'source.unreachable' })
    for (let n = 0; n < 30; n++) log.warn('capture.no_position', { code: 'source.unreachable', attempt: n })
    log.warn('apply.waiting', { stream: randomUUID(), code: 'source.unreachable' })
    recent.note('2126-01-01T00:00:00Z', 'warn', 'apply.waiting', { stream: WORK, code: 'source.unreachable' })
    for (let n = 0; n < 2; n++) log.warn('platform.away', { code: 'network' })
    expect((await recent.waiting(EVER)).map(({ kind }) => kind)).toEqual([
      'apply.waiting',
      'capture.no_position',
      'apply.waiting',
      'apply.waiting',
      'platform.away',
      'platform.away',
    ])
  })

  test('whoever waits for a line gets it when it comes, and nothing when the wait is broken off', async () => {
    const { recent, log } = open()
    const waiting = recent.waiting(EVER)
    log.info('enrolment.done')
    expect(await waiting).toHaveLength(1)
    recent.forget(await waiting)
    const stop = new AbortController()
    const broken = recent.waiting(stop.signal)
    stop.abort()
    expect(await broken).toEqual([])
  })
})

describe('what survives this process', () => {
  test('an error at once, a warning within a second with what stood before it, and what was taken no more', async () => {
    const { recent, log } = open()
    log.info('work.started', { work: WORK })
    expect(existsSync(file())).toBe(false)
    log.error('work.lost', { work: WORK, code: 'agent.internal' })
    expect(saved().map(({ kind }) => kind)).toEqual(['work.started', 'work.lost'])
    log.warn('platform.away', { code: 'network' })
    await sleep(1_300)
    expect(saved().map(({ kind }) => kind)).toEqual(['work.started', 'work.lost', 'platform.away'])
    expect(statSync(file()).mode & 0o077).toBe(0)
    recent.forget((await recent.waiting(EVER)).slice(0, 2))
    expect(saved().map(({ kind }) => kind)).toEqual(['platform.away'])
    recent.forget(await recent.waiting(EVER))
    expect(readdirSync(dir)).toEqual([])
  })

  test('the next life has them first', async () => {
    open().log.error('agent.fatal', { code: 'agent.disk' })
    const { recent, log } = open()
    log.info('agent.started', { version: '0.1.0' })
    expect((await recent.waiting(EVER)).map(({ kind }) => kind)).toEqual(['agent.fatal', 'agent.started'])
  })

  test.each([
    ['torn', '[{"at":"2026-05-08T06:00:0'],
    ['of something else', '{"lines":[]}'],
    [
      'of lines that are none',
      JSON.stringify([{ at: 'now', level: 'warn', kind: 'agent.fatal', text: NAME }, null, 7]),
    ],
    ['empty', ''],
  ])('a file that is %s is no reason not to start, and nothing of it is told', async (_what, text) => {
    writeFileSync(file(), text)
    const { recent, log } = open()
    expect(await recent.waiting(NOW)).toEqual([])
    log.error('agent.fatal', { code: 'agent.disk' })
    expect(saved()).toHaveLength(1)
  })

  test('a folder that cannot be written costs the file only', async () => {
    const { recent, log } = open()
    // What stands in the way of the half-written file stands in the way of root too.
    mkdirSync(`${file()}.half`)
    log.error('agent.fatal', { code: 'agent.disk' })
    recent.save()
    expect(existsSync(file())).toBe(false)
    expect(await recent.waiting(NOW)).toHaveLength(1)
  })
})
