/** What fusion needs of DuckDB. Its temporary tables begin with `fusion_`; one fusion at a time for a database. */
export interface Sql {
  run(text: string): Promise<unknown>
  /** The columns of the answer, batch by batch. BIGINT comes as bigint, DOUBLE as number, VARCHAR as string. */
  stream(text: string): AsyncIterable<readonly (readonly unknown[])[]>
}

/** A quoted name. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A text literal. @throws RangeError for NUL, which no text of a database holds. */
export function text(value: string): string {
  if (value.includes('\0')) throw new RangeError('NUL in a literal')
  return `'${value.replaceAll("'", "''")}'`
}

/** All rows of an answer that is known to be small. */
export async function rowsOf(sql: Sql, query: string): Promise<unknown[][]> {
  const rows: unknown[][] = []
  for await (const columns of sql.stream(query))
    for (let at = 0; at < (columns[0]?.length ?? 0); at++) rows.push(columns.map((one) => one[at]))
  return rows
}

/** The first value of an answer, as a number. */
export async function numberOf(sql: Sql, query: string): Promise<number> {
  return Number((await rowsOf(sql, query))[0]![0])
}
