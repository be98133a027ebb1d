import type { ConnectorDescription, TestResult } from '../connector.ts'
import type { Database, DatabaseConnector } from '../database.ts'
import { ChangeLoader } from './apply-changes.ts'
import { withClient } from './connect.ts'
import { bucketsRows, rowDigests } from './digests.ts'
import { describe, discover } from './discover.ts'
import { Loader } from './load-rows.ts'
import { PostgresqlLogLoader } from './log/apply-log.ts'
import { PostgresqlLogReader } from './log/read-log.ts'
import { createLogSlot, releaseLog } from './log/slot.ts'
import { postgresqlFront } from './mark.ts'
import { claimChannel, claimTable, countRows } from './position.ts'
import { readChanges } from './read-changes.ts'
import { readRows } from './read-rows.ts'
import { applyRepair } from './repair.ts'
import { PostgresqlSettings } from './settings.ts'
import { postgresqlForms } from './sql.ts'
import { ensureTable } from './target.ts'

const DESCRIPTION: ConnectorDescription = {
  kind: 'postgresql',
  words: { zh: 'PostgreSQL 数据库', en: 'PostgreSQL database' },
  settingsSchema: PostgresqlSettings,
  defaultSchema: () => 'public',
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

/** The connector for PostgreSQL 15 and later. */
export const postgresql: DatabaseConnector<PostgresqlSettings> = {
  describe: () => DESCRIPTION,
  async test(settings): Promise<TestResult> {
    const started = performance.now()
    return withClient(settings, 'source', async (client) => {
      const { rows } = await client.query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
      const server = `PostgreSQL ${rows[0]!.version}`
      return { ok: true, server, elapsedMs: Math.round(performance.now() - started) }
    })
  },
  discover,
  readRows,
  open: (settings): Database => ({
    sql: postgresqlForms,
    describe: (table) => describe(settings, table),
    readRows: (request, options) => readRows(settings, request, options),
    readChanges: (read, options) => readChanges(settings, read, options),
    bucketSums: async (plan, secret, options) => (await rowDigests(settings, plan, secret, options)).buckets,
    bucketsRows: (plan, secret, buckets, rowsMax, options) =>
      bucketsRows(settings, plan, secret, buckets, rowsMax, options),
    countRows: (table) => countRows(settings, table),
    ensureTable: (table) => ensureTable(settings, table),
    claimChannel: (channel, table) => claimChannel(settings, channel, table),
    claimTable: (table) => claimTable(settings, table),
    openFullCopy: (options) => Loader.open(settings, options),
    openChanges: (options) => ChangeLoader.open(settings, options),
    applyRepair: (repair) => applyRepair(settings, repair),
    front: postgresqlFront(settings),
    log: {
      createSlot: (request) => createLogSlot(settings, request),
      release: (channel) => releaseLog(settings, channel),
      openReader: (read, options) => PostgresqlLogReader.open(settings, read, options),
      openTarget: (options) => PostgresqlLogLoader.open(settings, options),
    },
  }),
}
