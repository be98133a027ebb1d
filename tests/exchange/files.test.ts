import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { issueStatement, listFiles, listIncrements, resumeChannel, stopChannel } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { fileChannel, useFileWorld } from '../harness/files.ts'

const MIB = 1024 * 1024

describe('files as they are, through a real platform and two real agents', () => {
  const world = useFileWorld()

  test('all files of a folder arrive byte for byte, then new and changed ones; deleted ones stay; the statement names each by path, size and digest', async () => {
    const files = await fileChannel(world)
    files.put('报告/2026年 报告（终稿）.pdf', randomBytes(3 * MIB))
    files.put('large.bin', randomBytes(19 * MIB))
    files.put('empty.txt', '')
    for (let i = 0; i < 300; i++) files.put(`many/${i % 7}/${i}.dat`, `第 ${i} 份\n`)
    await files.start()
    const followed = await files.until(({ state }) => state === 'following' || state === 'failed')
    expect(followed).toMatchObject({ state: 'following', mode: 'files', problem: null })
    expect(files.received()).toEqual(files.sent())
    expect(followed.progress).toMatchObject({ rowsSealed: '303', rowsReceived: '303', rowsApplied: '303' })
    expect(followed.progress.files!.bytes).toBe(followed.progress.files!.bytesApplied)
    // Many small files travel together.
    expect(followed.progress.segmentsApplied).toBeLessThan(14)

    files.put('large.bin', randomBytes(9 * MIB))
    files.put('报告/新.txt', '新')
    rmSync(join(files.from, 'empty.txt'))
    const changed = await files.until(({ follow }) => follow!.last?.state === 'done', 30_000)
    expect(changed.follow!.totals).toMatchObject({ inserted: '1', updated: '1', unchanged: '0' })
    const { 'empty.txt': kept, ...others } = files.received()
    expect(kept).toMatch(/^0 /)
    expect(others).toEqual(files.sent())
    expect(readdirSync(files.to, { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual([])

    const centre = await world.platform.as('centre')
    const params = { id: files.id }
    const listed = await centre.call(listFiles, { params, query: { limit: '100' } })
    expect(listed.items[0]).toMatchObject({ path: '报告/新.txt', bytes: '3', state: 'delivered' })
    expect(listed.next).not.toBeNull()
    const rest = await centre.call(listFiles, { params, query: { limit: '200', after: listed.next! } })
    expect(rest.items).toHaveLength(200)

    const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
    const statement = await centre.call(issueStatement, { params, body: { from: day, to: day } })
    expect(statement.state).toBe('balanced')
    expect(statement.content.totals.rows).toEqual({ source: '305', sealed: '305', received: '305', applied: '305' })
    const stated = statement.content.files!.map(({ path, bytes, digest }) => [path, `${bytes} ${digest}`])
    expect(Object.fromEntries(stated)).toEqual({ ...files.received() })
    const increments = await centre.call(listIncrements, { params, query: {} })
    expect(increments.items.find(({ state }) => state === 'done')).toMatchObject({
      source: { insert: '2', update: '0', delete: '0' },
    })
  }, 90_000)

  test('stopped and resumed, it goes on with what is missing; started anew, all is sent and what is there stays', async () => {
    const files = await fileChannel(world)
    files.put('a.txt', 'a')
    await files.start()
    const { version } = await files.until(({ state }) => state === 'following')
    const centre = await world.platform.as('centre')
    const params = { id: files.id }
    const stopped = await centre.call(stopChannel, { params, body: { reason: '检修' } }, { match: version })
    files.put('b.txt', 'b')
    await centre.call(resumeChannel, { params }, { match: stopped.version })
    await files.settle()
    const again = await files.until(({ follow }) => follow!.last?.state === 'done')
    const idle = await centre.call(stopChannel, { params, body: { reason: '重传' } }, { match: again.version })
    expect(idle.state).toBe('stopped')
    await files.start()
    const anew = await files.until(({ state }) => state === 'following')
    expect(anew.progress).toMatchObject({ rowsApplied: '2' })
    expect(files.received()).toEqual(files.sent())
  }, 60_000)

  test('the grant chooses the files, and only a grant for files with path and content makes a task', async () => {
    const rowFilter = {
      op: 'startsWith',
      field: 'path',
      value: { type: 'text', value: 'open/yes' },
    } as const
    const files = await fileChannel(world, { answer: { rowFilter } })
    files.put('open/yes.txt', 'yes')
    files.put('open/no.txt', 'no')
    await files.start()
    await files.until(({ state }) => state === 'following')
    expect(Object.keys(files.received())).toEqual(['open/yes.txt'])
    await expect(fileChannel(world, { items: ['path', 'bytes'] })).rejects.toMatchObject({ code: 'object.state' })
  }, 60_000)
})
