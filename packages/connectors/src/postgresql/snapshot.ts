import { connect, hangUp } from './connect.ts'
import { toConnectorError } from './database-error.ts'
import type { PostgresqlSettings } from './settings.ts'

/** A snapshot that several reads can share, alive until it is closed. */
export interface SharedSnapshot {
  readonly id: string
  close(): Promise<void>
}

/** Export a snapshot, so that several tables, or both ends of a comparison, are read as of one moment. */
export async function openSnapshot(settings: PostgresqlSettings): Promise<SharedSnapshot> {
  const client = await connect(settings, 'source')
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id')
    return {
      id: rows[0]!.id,
      close: async () => hangUp(client),
    }
  } catch (error) {
    hangUp(client)
    throw toConnectorError(error, 'source')
  }
}
