import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { systemActor } from '../../kernel/actor.ts'
import { writeAudit } from '../../kernel/audit.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { othersCommitted } from '../../../../../tests/harness/quiet.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { sequenceAuditJob } from './sequence-audit.job.ts'

describe('audit rows are put into the log', () => {
  const platform = usePlatform({ jobs: false })
  const turn = { fence: '1', signal: new AbortController().signal }
  const act = (objectId: string) =>
    platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      writeAudit(db, {
        actor: systemActor('test'),
        action: 'test.act',
        outcome: 'done',
        at: new Date(),
        requestId: '-',
        note: { objectKind: 'person', objectId, detail: { name: '张三' } },
      }),
    )
  const drain = async (ledger: Ledger) => {
    await othersCommitted(platform.url)
    while (await sequenceAuditJob(ledger).run(platform.server.services, turn));
  }
  const figures = () =>
    platform.server.services.db.tick((db) =>
      db.one<{
        rows: number
        leaves: number
        last: string
        size: string
      }>(sql`select (select count(*)::int from audit) as rows,
        (select count(*)::int from audit_leaf) as leaves, (select max(leaf_index) from audit_leaf) as last,
        (select size from ledger_checkpoint) as size`),
    )

  test('each row becomes one leaf, without a gap; again and again nothing changes', async () => {
    const ledger = await openLedger(platform.server.services)
    for (let n = 0; n < 300; n++) await act(`o${n}`)
    await drain(ledger)
    const first = await figures()
    expect(first).toMatchObject({ leaves: first.rows, last: String(first.rows - 1), size: String(first.rows) })
    await drain(ledger)
    expect(await figures()).toEqual(first)
  })

  test('a transaction that is open for long is not passed over, and holds back what began after it', async () => {
    const ledger = await openLedger(platform.server.services)
    await drain(ledger)
    const before = await figures()
    const slow = new Client(platform.url)
    await slow.connect()
    await slow.query('begin')
    await slow.query(`insert into audit (at, jurisdiction, actor_kind, actor_id, actor_name, action, outcome, request_id, content, salt)
      select at, jurisdiction, actor_kind, actor_id, actor_name, action, outcome, request_id, content, salt from audit limit 1`)
    await act('after the slow one')
    await drain(ledger)
    expect((await figures()).leaves).toBe(before.leaves)
    await slow.query('commit')
    await slow.end()
    await drain(ledger)
    expect(await figures()).toMatchObject({ leaves: before.leaves + 2, rows: before.rows + 2 })
  })

  test('two writers at the same time: one wins each batch, nothing is doubled or lost', async () => {
    const { services } = platform.server
    const [one, two] = [await openLedger(services), await openLedger(services)]
    for (let n = 0; n < 40; n++) await act(`race ${n}`)
    await Promise.allSettled([drain(one), drain(two), drain(one), drain(two)])
    await drain(await openLedger(services))
    const { rows, leaves, last } = await figures()
    expect({ leaves, last }).toEqual({ leaves: rows, last: String(rows - 1) })
  })

  test('a kill after the checkpoint moved: the next start completes the tiles from the staged batch', async () => {
    const { services } = platform.server
    const ledger = await openLedger(services)
    await act('killed')
    const upload = ledger.store.upload.bind(ledger.store)
    ledger.store.upload = async (path, bytes) => {
      if (path.startsWith('tile/')) throw new Error('killed here')
      return upload(path, bytes)
    }
    await expect(drain(ledger)).rejects.toThrow('killed here')
    expect((await figures()).size).toBe(String((await figures()).rows))
    const again = await openLedger(services)
    await act('after')
    await drain(again)
    expect(JSON.parse(JSON.stringify(await figures()))).toMatchObject({ size: String((await figures()).rows) })
    expect(await again.proveInclusion(Number((await figures()).last))).toContain('huitong/evidence')
  })

  test('the log holds no name of a person, and no content: commitments only', async () => {
    const folder = join(platform.dataDir, 'ledger')
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    const text = files.map((one) => readFileSync(join(one.parentPath, one.name), 'latin1')).join('')
    expect(text).toContain('sha256commitment')
    const contents = await platform.server.services.db.tick((db) =>
      db.many<{ content: string; actor_id: string; actor_kind: string }>(
        sql`select content, actor_id, actor_kind from audit`,
      ),
    )
    expect(text).not.toContain(Buffer.from('张三').toString('latin1'))
    expect(text).not.toContain('o299')
    for (const row of contents.filter((one) => one.actor_kind === 'person')) expect(text).not.toContain(row.actor_id)
    // An unsalted hash of the content would let anyone try names.
    for (const { content } of contents) expect(text).not.toContain(createHash('sha256').update(content).digest('hex'))
  })
})
