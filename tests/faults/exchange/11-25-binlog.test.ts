import { approveTruncation, readReconciliation, resyncChannel, startReconciliation } from '@huitong/contract/exchange'
import { describe, expect, it, vi } from 'vitest'
import { runMysql } from '../../../packages/connectors/src/testing/mariadb.ts'
import { eventually } from '../../harness/guards.ts'
import { LONG } from '../../harness/long.ts'
import { binlogChannel, useBinlogWorld } from './binlog-world.ts'

vi.setConfig({ testTimeout: 90_000 })
const INTO = LONG ? (['postgresql', 'mysql'] as const) : (['postgresql'] as const)

describe('the row log of MariaDB: followed into either kind, compared, truncated (25), purged (11) and changed (31)', () => {
  const world = useBinlogWorld()

  it.each(INTO)(
    'into %s: copied while it works, followed, and compared at one position while it works on',
    async (into) => {
      const followed = await binlogChannel(world, { into, seed: 5 })
      const { ledger, until, settle, id } = followed
      const working = (async () => {
        for (let i = 0; i < 25; i++) await ledger.work()
      })()
      await followed.start()
      await until(({ state }) => state === 'following')
      await working
      await settle()
      const centre = await world.platform.as('centre')
      const more = (async () => {
        for (let i = 0; i < 25; i++) await ledger.work()
      })()
      await centre.call(startReconciliation, { params: { id } })
      const compared = await until(({ reconciliations: [last] }) => last?.finishedAt != null)
      expect(compared.reconciliations[0]).toMatchObject({ state: 'equal', bucketsDifferent: 0 })
      await more
      await settle()
      const { log } = await until(({ state, log: one }) => state === 'following' && one!.state === 'reading')
      expect(log!.position).toMatch(/^0-1-\d+$/)
      expect(log!.slot).toBeNull()
    },
  )

  it('is delivered up to TRUNCATE and stops; a person approves, and the receiving table is emptied at the same place', async () => {
    const followed = await binlogChannel(world, { into: 'postgresql' })
    const { ledger, until, settle, id, table } = followed
    await followed.start()
    await until(({ state }) => state === 'following')
    await ledger.sweep(1)
    const before = await followed.sent()
    await ledger.query(`TRUNCATE \`${table}\`; INSERT INTO \`${table}\` VALUES (7, '新', 5, NULL, NULL, 1)`)
    const stopped = await until(({ state }) => state === 'failed')
    expect(stopped).toMatchObject({ problem: { code: 'connector.log_truncated' }, log: { state: 'truncated' } })
    expect(await followed.gotten()).toEqual(before)
    const centre = await world.platform.as('centre')
    const body = { position: stopped.log!.truncatedAt! }
    await centre.call(approveTruncation, { params: { id }, body }, { match: stopped.version })
    await settle()
  })

  it('holds with the difference named when a column is changed, after everything before it was delivered', async () => {
    const followed = await binlogChannel(world, { into: 'postgresql' })
    const { ledger, until, table } = followed
    await followed.start()
    await until(({ state }) => state === 'following')
    await ledger.sweep(1)
    const before = await followed.sent()
    await ledger.query(`ALTER TABLE \`${table}\` MODIFY holder varchar(40) CHARACTER SET gbk NOT NULL`)
    await ledger.query(`UPDATE \`${table}\` SET step = step + 1`)
    const held = await until(({ state }) => state === 'failed')
    expect(held.problem!.code).toBe('source.changed')
    expect(held.problem!.message.zh).toContain('holder')
    expect(held.problem!.message.en).toContain('varchar(40)')
    expect(await followed.gotten()).toEqual(before)
  })

  it('lets out only the granted rows, masked, and of the others not even the key', async () => {
    const followed = await binlogChannel(world, {
      into: 'postgresql',
      answer: {
        rowFilter: { op: 'ge', field: 'balance', value: { type: 'decimal', value: '1000' } },
        masks: [{ item: 'holder', mask: 'name' }],
      },
    })
    const { ledger, until, table } = followed
    await followed.start()
    await until(({ state }) => state === 'following')
    for (let i = 0; i < 25; i++) await ledger.work()
    const granted = `SELECT concat(account, '|', left(convert(holder using utf8mb4), 1), repeat('*', char_length(holder) - 1), '|', trim(trailing '.' from trim(trailing '0' from balance))) AS row
      FROM \`${table}\` WHERE balance >= 1000`
    await eventually(
      async () => [
        (await runMysql(world.source, granted)).map(({ row }) => row!).sort(),
        (await followed.gotten()).map((row) => row.split('|').slice(0, 3).join('|')).sort(),
      ],
      ([left, right]) => JSON.stringify(left) === JSON.stringify(right),
      30_000,
    )
  })

  it('says that the log was purged; then only what differs travels, and following goes on', async () => {
    const followed = await binlogChannel(world, { into: 'mysql', accounts: 500 })
    const { ledger, until, settle, id } = followed
    await followed.start()
    await until(({ state, log }) => state === 'following' && log!.reportedAt !== null)
    await ledger.work()
    await settle()
    await world.provider.kill()
    await ledger.query('FLUSH BINARY LOGS')
    for (let i = 0; i < 20; i++) await ledger.work()
    await ledger.query('FLUSH BINARY LOGS')
    const purge = async () => {
      const files = await runMysql(world.source, 'SHOW BINARY LOGS')
      await runMysql(world.source, `PURGE BINARY LOGS TO '${files.at(-1)!['Log_name']}'`)
      return runMysql(world.source, 'SHOW BINARY LOGS')
    }
    await eventually(purge, (files) => files.length === 1, 30_000)
    world.provider.start()
    const stopped = await until(({ state }) => state === 'failed')
    expect(stopped).toMatchObject({ problem: { code: 'connector.log_gap' }, log: { state: 'gap' } })
    expect(await followed.gotten()).not.toEqual(await followed.sent())
    const centre = await world.platform.as('centre')
    const { reconciliationId } = await centre.call(resyncChannel, { params: { id } }, { match: stopped.version })
    await until(({ state, log }) => state === 'following' && log!.state === 'reading')
    await ledger.work()
    await settle()
    const done = await centre.call(readReconciliation, { params: { id: reconciliationId } })
    expect(done.state).toBe('repaired')
    expect(Number(done.differencesTotal)).toBeGreaterThan(0)
    expect(Number(done.differencesTotal)).toBeLessThan(300)
  })
})
