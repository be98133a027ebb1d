import type { Words } from '@huitong/segment'
import type { DatabaseConnector } from '../database.ts'
import { postgresql } from './connector.ts'
import type { PostgresqlSettings } from './settings.ts'

/**
 * A database that speaks the protocol of PostgreSQL and most of its SQL. We had no server of it: what it lacks is found out
 * by `huitong connector check`, and its label says so until somebody has. Following its log is not offered.
 */
function relative(kind: string, words: Words): DatabaseConnector<PostgresqlSettings> {
  const { capabilities, ...description } = postgresql.describe()
  const described = { ...description, kind, words, capabilities: { ...capabilities, changes: false } }
  return {
    ...postgresql,
    describe: () => described,
    open(settings) {
      const { log: _, ...database } = postgresql.open(settings)
      return database
    },
  }
}

/** KingbaseES V8 and V9 in the mode of PostgreSQL. */
export const kingbase = relative('kingbase', {
  zh: '人大金仓 KingbaseES（未验证）',
  en: 'KingbaseES (not verified)',
})

/** GaussDB and openGauss. They take our passwords only where `password_encryption_type` is 0 or 1. */
export const gaussdb = relative('gaussdb', {
  zh: '华为 GaussDB / openGauss（未验证）',
  en: 'GaussDB, openGauss (not verified)',
})
