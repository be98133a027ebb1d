import { quoteIdentifier } from '@huitong/policy'
import { csvLine, parseColumnType, postgresType, sha256Hex } from '@huitong/segment'
import type { Client } from 'pg'
import type { Repair, Repaired, TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { inTransaction, withClient } from './connect.ts'
import { copyIn } from './copy-in.ts'
import { movePosition, readPosition } from './position.ts'
import { quoteTable } from './read-rows.ts'
import type { PostgresqlSettings } from './settings.ts'

export async function applyRepair(settings: PostgresqlSettings, repair: Repair): Promise<Repaired> {
  const { table, channel, fence, upserts } = repair
  const place = { table: table.name }
  if (table.key.length === 0) throw new ConnectorError('no_key', table.name, { hop: 'target', place })
  if (sha256Hex(upserts.plain) !== upserts.plainDigest) {
    throw new ConnectorError('digest_mismatch', 'repair', { hop: 'target', place })
  }
  return withClient(settings, 'target', (client) =>
    inTransaction(client, 'BEGIN', async () => {
      await readPosition(client, channel, table, fence)
      const deleted = await deleteKeys(client, table, repair.deletes)
      const written = await upsertRows(client, table, upserts.plain, BigInt(upserts.rows))
      await movePosition(client, channel, table, fence, 'rows = rows + $3::numeric - $4::numeric', [
        written.inserted,
        deleted.deleted,
      ])
      return { ...written, ...deleted }
    }),
  )
}

async function deleteKeys(client: Client, table: TargetTable, keys: Repair['deletes']) {
  const names = table.key.map(quoteIdentifier)
  const types = table.key.map((name) => postgresType(table.columns.find((column) => column.name === name)!.type))
  await client.query(
    `CREATE TEMP TABLE huitong_deletes (${names.map((name, i) => `${name} ${types[i]}`).join(', ')}) ON COMMIT DROP`,
  )
  const taken = await copyIn(
    client,
    'COPY pg_temp.huitong_deletes FROM STDIN (FORMAT csv)',
    Buffer.from(keys.map(csvLine).join('')),
  )
  if (taken !== BigInt(keys.length)) throw new ConnectorError('row_count_mismatch', 'deletes', { hop: 'target' })
  const match = names.map((name) => `t.${name} = d.${name}`).join(' AND ')
  const { rowCount } = await client.query(
    `DELETE FROM ${quoteTable(table)} t USING pg_temp.huitong_deletes d WHERE ${match}`,
  )
  const deleted = BigInt(rowCount ?? 0)
  const { rows } = await client.query<{ keys: string }>(
    `SELECT count(*) AS keys FROM (SELECT DISTINCT * FROM pg_temp.huitong_deletes) AS d`,
  )
  return { deleted: deleted.toString(), missing: (BigInt(rows[0]!.keys) - deleted).toString() }
}

async function upsertRows(client: Client, table: TargetTable, plain: Uint8Array, declared: bigint) {
  const names = table.columns.map((column) => quoteIdentifier(column.name))
  const columns = table.columns.map((column, i) => `${names[i]} ${postgresType(column.type)}`).join(', ')
  await client.query(
    `CREATE TEMP TABLE huitong_upserts (${columns}, huitong_place bigint GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP`,
  )
  const copy = `COPY pg_temp.huitong_upserts (${names.join(', ')}) FROM STDIN (FORMAT csv)`
  const taken = await copyIn(client, copy, plain)
  if (taken !== declared) {
    throw new ConnectorError('row_count_mismatch', `${taken} rows taken of ${declared}`, { hop: 'target' })
  }
  const key = table.key.map(quoteIdentifier)
  const rest = table.columns.filter((column) => !table.key.includes(column.name))
  const comparable = (side: string) => rest.map((column) => comparableSql(side, column.name, column.type)).join(', ')
  const folded = `SELECT DISTINCT ON (${key.join(', ')}) ${names.join(', ')} FROM pg_temp.huitong_upserts
    ORDER BY ${key.join(', ')}, huitong_place DESC`
  const counts = await client.query<{ all: string; known: string }>(
    `SELECT count(*) AS all, count(t.*) AS known FROM (${folded}) AS u
     LEFT JOIN ${quoteTable(table)} t ON ${key.map((name) => `t.${name} = u.${name}`).join(' AND ')}`,
  )
  const update =
    rest.length === 0
      ? 'DO NOTHING'
      : `DO UPDATE SET ${rest.map(({ name }) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`).join(', ')}
         WHERE ROW(${comparable('t')}) IS DISTINCT FROM ROW(${comparable('excluded')})`
  const { rowCount } = await client.query(
    `INSERT INTO ${quoteTable(table)} AS t (${names.join(', ')}) ${folded} ON CONFLICT (${key.join(', ')}) ${update}`,
  )
  const known = BigInt(counts.rows[0]!.known)
  const inserted = BigInt(counts.rows[0]!.all) - known
  const updated = BigInt(rowCount ?? 0) - inserted
  return {
    inserted: inserted.toString(),
    updated: updated.toString(),
    unchanged: (known - updated).toString(),
  }
}

/** `json` has no equality of its own. */
function comparableSql(side: string, name: string, type: string): string {
  const column = `${side}.${quoteIdentifier(name)}`
  return parseColumnType(type).name === 'json' ? `${column}::text` : column
}
