import type { ConnectorDescription, TestResult } from '../connector.ts'
import type { Database, DatabaseConnector } from '../database.ts'
import { MysqlChanges } from './apply-changes.ts'
import { withSession } from './connect.ts'
import { bucketsRows, bucketSums } from './digests.ts'
import { describe, discover } from './discover.ts'
import { MysqlLoader } from './load-rows.ts'
import { MysqlLogLoader } from './log/apply-log.ts'
import { MysqlLogReader } from './log/read-log.ts'
import { createLogSlot } from './log/slot.ts'
import { mysqlFront } from './mark.ts'
import { claimChannel, claimTable, countRows } from './position.ts'
import { readChanges } from './read-changes.ts'
import { readRows } from './read-rows.ts'
import { applyRepair } from './repair.ts'
import { MysqlSettings } from './settings.ts'
import { mysqlForms } from './sql.ts'
import { ensureTable } from './target.ts'

const DESCRIPTION: ConnectorDescription = {
  kind: 'mysql',
  words: { zh: 'MySQL / MariaDB 数据库', en: 'MySQL or MariaDB database' },
  settingsSchema: MysqlSettings,
  defaultSchema: (settings) => String(settings['database'] ?? ''),
  capabilities: {
    snapshot: true,
    sqlFragments: true,
    load: true,
    digest: true,
    repair: true,
    cursor: true,
    changes: true,
    folders: false,
    receivesFiles: false,
  },
}

/** The connector for MySQL 5.7 and later and MariaDB 10.5 and later. A database is a schema here. */
export const mysql: DatabaseConnector<MysqlSettings> = {
  describe: () => DESCRIPTION,
  async test(settings): Promise<TestResult> {
    const started = performance.now()
    return withSession(settings, 'source', async (session) => {
      const [row] = await session.rows('SELECT version() AS version')
      const version = row!['version']!
      const server = /mariadb/i.test(version) ? `MariaDB ${version.replace(/-mariadb.*$/i, '')}` : `MySQL ${version}`
      return { ok: true, server, elapsedMs: Math.round(performance.now() - started) }
    })
  },
  discover,
  readRows,
  open: (settings): Database => ({
    sql: mysqlForms(settings.zeroDates ?? 'refuse'),
    describe: (table) => describe(settings, table),
    readRows: (request, options) => readRows(settings, request, options),
    readChanges: (read, options) => readChanges(settings, read, options),
    bucketSums: (plan, secret, options) => bucketSums(settings, plan, secret, options),
    bucketsRows: (plan, secret, buckets, rowsMax, options) =>
      bucketsRows(settings, plan, secret, buckets, rowsMax, options),
    countRows: (table) => countRows(settings, table),
    ensureTable: (table) => ensureTable(settings, table),
    claimChannel: (channel, table) => claimChannel(settings, channel, table),
    claimTable: (table) => claimTable(settings, table),
    openFullCopy: (options) => MysqlLoader.open(settings, options),
    openChanges: (options) => MysqlChanges.open(settings, options),
    applyRepair: (repair) => applyRepair(settings, repair),
    front: mysqlFront(settings),
    log: {
      createSlot: (request) => createLogSlot(settings, request),
      // Nothing was made there: the server keeps its log by its own rules.
      release: () => Promise.resolve(0),
      openReader: (read, options) => MysqlLogReader.open(settings, read, options),
      openTarget: (options) => MysqlLogLoader.open(settings, options),
    },
  }),
}
