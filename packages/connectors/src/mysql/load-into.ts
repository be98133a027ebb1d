import { quoteIdentifier } from '@huitong/policy'
import type { Column } from '@huitong/segment'
import type { TableName } from '../connector.ts'
import type { Session } from './connect.ts'
import { fromWarning } from './database-error.ts'
import { insertLists, kindsOf, loadPieces } from './load-text.ts'
import { quoteTable } from './sql.ts'

const LIST_BYTES_MAX = 512 * 1024
/** Numbers of the errors of a server, or an account, that takes no local files. */
const NO_LOCAL_FILES = new Set([1148, 3948, 3950, 4166])

/** Sessions whose server has refused local files. */
const refused = new WeakSet<Session>()

/**
 * Loads the rows of CSV text into a table, inside the caller's transaction, and gives how many the server took. Nothing
 * is changed on the way: whatever the server would cut, round or replace, it says as a warning, and a warning is an error
 * here.
 * @throws ConnectorError `bad_value`, `duplicate_key`, `null_value`, `row_count_mismatch`.
 */
export async function loadInto(
  session: Session,
  table: TableName,
  columns: readonly Column[],
  csv: Uint8Array,
): Promise<bigint> {
  if (!refused.has(session)) {
    try {
      return await loadFile(session, table, columns, csv)
    } catch (error) {
      if (!(error instanceof Error && 'errno' in error && NO_LOCAL_FILES.has(Number(error.errno)))) throw error
      refused.add(session)
    }
  }
  return insertRows(session, table, columns, csv)
}

async function loadFile(
  session: Session,
  table: TableName,
  columns: readonly Column[],
  csv: Uint8Array,
): Promise<bigint> {
  const kinds = kindsOf(columns)
  const places = columns.map(({ name }, i) => (kinds[i] === 'bytes' ? `@b${i}` : quoteIdentifier(name)))
  const bytes = columns.flatMap(({ name }, i) =>
    kinds[i] === 'bytes' ? [`${quoteIdentifier(name)} = unhex(@b${i})`] : [],
  )
  // A translation that fails must fail before the server has seen a byte: it would take the rest for the whole.
  const pieces = [...loadPieces(csv, columns)]
  const sql =
    `LOAD DATA LOCAL INFILE 'segment' INTO TABLE ${quoteTable(table)} CHARACTER SET utf8mb4 ` +
    `FIELDS TERMINATED BY X'09' ESCAPED BY X'5C' LINES TERMINATED BY X'0A' (${places.join(', ')})` +
    (bytes.length === 0 ? '' : ` SET ${bytes.join(', ')}`)
  const { rows, warnings } = await session.load(sql, pieces)
  if (warnings > 0) await refuseWarning(session, table)
  return rows
}

async function insertRows(
  session: Session,
  table: TableName,
  columns: readonly Column[],
  csv: Uint8Array,
): Promise<bigint> {
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ')
  let all = 0n
  for (const list of insertLists(csv, columns, LIST_BYTES_MAX)) {
    const { rows, warnings } = await session.run(`INSERT INTO ${quoteTable(table)} (${names}) VALUES ${list}`)
    if (warnings > 0) await refuseWarning(session, table)
    all += rows
  }
  return all
}

async function refuseWarning(session: Session, table: TableName): Promise<never> {
  const [warning] = await session.rows('SHOW WARNINGS LIMIT 1')
  throw fromWarning(Number(warning?.['Code'] ?? 0), warning?.['Message'] ?? '', { table: table.name })
}
