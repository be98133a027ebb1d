import type { ConnectorDescription, FieldConnector, TestResult } from '../connector.ts'
import { describeTable, discover } from './describe.ts'
import { readRows } from './read-rows.ts'
import { SqliteSession } from './session.ts'
import { SqliteSettings } from './settings.ts'

const DESCRIPTION: ConnectorDescription = {
  kind: 'sqlite',
  words: { zh: 'SQLite 数据库文件', en: 'SQLite database file' },
  settingsSchema: SqliteSettings,
  defaultSchema: () => '',
  capabilities: {
    snapshot: true,
    sqlFragments: false,
    load: false,
    digest: false,
    repair: false,
    cursor: false,
    changes: false,
    folders: false,
    receivesFiles: false,
  },
}

/** The connector for a SQLite database file, as a source only. */
export const sqlite: FieldConnector<SqliteSettings> = {
  describe: () => DESCRIPTION,
  async test(settings): Promise<TestResult> {
    const started = performance.now()
    const session = await SqliteSession.open(settings)
    try {
      let version = ''
      for await (const [found] of session.query('SELECT sqlite_version()')) version = String(found)
      return { ok: true, server: `SQLite ${version}`, elapsedMs: Math.round(performance.now() - started) }
    } finally {
      await session.close()
    }
  },
  discover,
  describeTable,
  readRows,
}
