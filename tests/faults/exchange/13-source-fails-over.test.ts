import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runMysql, startMariadb, type TestMariadb } from '../../../packages/connectors/src/testing/mariadb.ts'
import { LOG_OPTIONS, placeNow } from '../../../packages/connectors/src/testing/mysql-ledger.ts'
import { eventually } from '../../harness/guards.ts'
import { binlogChannel, useBinlogWorld } from './binlog-world.ts'

vi.setConfig({ testTimeout: 120_000 })

describe('a replica takes over from the source of a row log (13)', () => {
  const world = useBinlogWorld(['--gtid-strict-mode=ON'])
  let replica: TestMariadb
  beforeAll(async () => {
    const options = LOG_OPTIONS.map((option) => option.replace('--server-id=1', '--server-id=2'))
    replica = await startMariadb([...options, '--log-slave-updates', '--gtid-strict-mode=ON', '--skip-slave-start'])
  })
  afterAll(() => replica?.stop())

  /** The replica as an administrator: what it is made of stands in no log. */
  const admin = (sql: string) => runMysql({ ...world.source, port: replica.port, database: 'mysql' }, sql)

  it('goes on there by GTID, though files and places of its log are others; what the replica never got is a gap', async () => {
    const followed = await binlogChannel(world, { into: 'postgresql', seed: 3 })
    const { ledger, until, settle } = followed
    await admin(`STOP SLAVE; RESET MASTER; SET GLOBAL gtid_slave_pos = '';
      CHANGE MASTER TO master_host = '127.0.0.1', master_port = ${world.mariadb.port}, master_user = 'tester',
        master_password = 'for-tests-only', master_use_gtid = slave_pos; START SLAVE`)
    await followed.start()
    await until(({ state }) => state === 'following')
    for (let i = 0; i < 40; i++) await ledger.work()
    // Other files: the place of a transaction is not the same there.
    await admin('FLUSH BINARY LOGS; FLUSH BINARY LOGS')
    await settle()
    const place = await placeNow(world.source)
    await eventually(
      () => placeNow({ ...world.source, port: replica.port }),
      (there) => there === place,
      20_000,
    )
    await admin('STOP SLAVE; RESET SLAVE ALL')
    const [first] = [world.source]
    world.sourceLine.redirect(replica.port)
    world.source = { ...first, port: replica.port }
    ledger.moveTo(world.source)
    for (let i = 0; i < 40; i++) await ledger.work()
    await settle()
    // The place is written down every half a minute.
    const { log } = await until(
      ({ state, log: one }) => state === 'following' && /^0-2-\d+$/.test(one!.position ?? ''),
      60_000,
    )
    expect(log!.position).toMatch(/^0-2-\d+$/)

    // Back at the old one, which lacks all that, and has gone its own way.
    await runMysql(first, `UPDATE \`${followed.table}\` SET step = step + 1`)
    world.sourceLine.redirect(world.mariadb.port)
    const stopped = await until(({ state }) => state === 'failed', 60_000)
    expect(stopped).toMatchObject({ problem: { code: 'connector.log_gap' }, log: { state: 'gap' } })
  })
})
