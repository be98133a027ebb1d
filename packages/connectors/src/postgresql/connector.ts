import type { Connector, ConnectorDescription, TestResult } from '../connector.ts'
import { withClient } from './connect.ts'
import { discover } from './discover.ts'
import { readRows } from './read-rows.ts'
import { PostgresqlSettings } from './settings.ts'

const DESCRIPTION: ConnectorDescription = {
  kind: 'postgresql',
  words: { zh: 'PostgreSQL 数据库', en: 'PostgreSQL database' },
  settingsSchema: PostgresqlSettings,
  capabilities: { snapshot: true, sqlFragments: true, load: true, digest: true, repair: true, changes: false },
}

/** The connector for PostgreSQL 15 and later. */
export const postgresql: Connector<PostgresqlSettings> = {
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
}
