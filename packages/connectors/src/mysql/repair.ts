import { quoteIdentifier } from '@huitong/policy'
import { csvLine, sha256Hex } from '@huitong/segment'
import type { TableName } from '../connector.ts'
import type { Repair, Repaired, TargetTable } from '../database.ts'
import { ConnectorError } from '../errors.ts'
import { checkTaken } from '../target-rules.ts'
import { type Session, withSession } from './connect.ts'
import { loadInto } from './load-into.ts'
import { writeRows } from './merge.ts'
import { movePosition, readPosition } from './position.ts'
import type { MysqlSettings } from './settings.ts'
import { quoteTable } from './sql.ts'
import { columnsSql, exactCollation } from './target.ts'

/** Write and delete the listed rows in one transaction under the fencing token, as `Database.applyRepair` says. */
export async function applyRepair(settings: MysqlSettings, repair: Repair): Promise<Repaired> {
  const { table, upserts } = repair
  const place = { table: table.name }
  if (table.key.length === 0) throw new ConnectorError('no_key', table.name, { hop: 'target', place })
  if (sha256Hex(upserts.plain) !== upserts.plainDigest) {
    throw new ConnectorError('digest_mismatch', 'repair', { hop: 'target', place })
  }
  return withSession(settings, 'target', async (session) => {
    const deletes = { schema: table.schema, name: 'huitong_deletes' }
    const rows = { schema: table.schema, name: 'huitong_upserts' }
    const keys = { ...table, columns: table.key.map((name) => table.columns.find((column) => column.name === name)!) }
    await makeTemporary(session, deletes, keys)
    await makeTemporary(session, rows, table, 'huitong_place bigint NOT NULL AUTO_INCREMENT UNIQUE')
    return session.transaction(async () => {
      await readPosition(session, repair, true)
      const deleted = await deleteKeys(session, table, keys, deletes, repair.deletes)
      checkTaken(table.name, await loadInto(session, rows, table.columns, upserts.plain), upserts.rows)
      await keepLast(session, table, rows)
      const written = await writeRows(session, table, quoteTable(rows))
      await movePosition(session, repair, `"rows" = "rows" + ${written.inserted} - ${deleted.deleted}`)
      return {
        inserted: written.inserted.toString(),
        updated: written.updated.toString(),
        unchanged: written.unchanged.toString(),
        deleted: deleted.deleted.toString(),
        missing: deleted.missing.toString(),
      }
    })
  })
}

/** Making a temporary table does not commit, and it ends with the connection. */
async function makeTemporary(session: Session, name: TableName, table: TargetTable, more?: string): Promise<void> {
  const columns = [...columnsSql(table), ...(more === undefined ? [] : [more])].join(', ')
  const collation = await exactCollation(session)
  await session.run(
    `CREATE TEMPORARY TABLE ${quoteTable(name)} (${columns}) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`,
  )
}

async function deleteKeys(
  session: Session,
  table: TargetTable,
  keys: TargetTable,
  deletes: TableName,
  wanted: Repair['deletes'],
): Promise<{ deleted: bigint; missing: bigint }> {
  const csv = Buffer.from(wanted.map(csvLine).join(''))
  checkTaken(table.name, await loadInto(session, deletes, keys.columns, csv), String(wanted.length))
  const sameKey = table.key.map((name) => `t.${quoteIdentifier(name)} = d.${quoteIdentifier(name)}`).join(' AND ')
  const { rows: deleted } = await session.run(
    `DELETE t FROM ${quoteTable(table)} t JOIN ${quoteTable(deletes)} d ON ${sameKey}`,
  )
  const names = table.key.map(quoteIdentifier).join(', ')
  const [row] = await session.rows(
    `SELECT count(*) AS n FROM (SELECT DISTINCT ${names} FROM ${quoteTable(deletes)}) AS d`,
  )
  return { deleted, missing: BigInt(row!['n']!) - deleted }
}

/** When a key occurs twice the last row counts. */
async function keepLast(session: Session, table: TargetTable, rows: TableName): Promise<void> {
  const names = table.key.map(quoteIdentifier).join(', ')
  // A temporary table cannot be read twice in one statement, so the places to keep are gathered first.
  const kept = { schema: table.schema, name: 'huitong_kept' }
  await session.run(`CREATE TEMPORARY TABLE ${quoteTable(kept)} (place bigint NOT NULL PRIMARY KEY) ENGINE = InnoDB`)
  await session.run(
    `INSERT INTO ${quoteTable(kept)} SELECT max(huitong_place) FROM ${quoteTable(rows)} GROUP BY ${names}`,
  )
  await session.run(
    `DELETE r FROM ${quoteTable(rows)} r LEFT JOIN ${quoteTable(kept)} k ON k.place = r.huitong_place WHERE k.place IS NULL`,
  )
}
