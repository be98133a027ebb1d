import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'

/** How rules name a version of a code set: `GB/T 3304@1991`; without a version the newest is meant. */
export const codeListName = (code: string, label: string): string => `${code}@${label}`

/** The codes of code sets by the names that rules give them; a name that means nothing is left out. */
export async function codeLists(
  db: Reader,
  jurisdiction: string,
  names: readonly string[],
): Promise<Record<string, readonly string[]>> {
  if (names.length === 0) return {}
  const rows = await db.many<{ name: string; codes: string[] }>(sql`select n.name,
      array(select c->>'code' from jsonb_array_elements(v.codes) c) as codes
    from unnest(${[...names]}::text[]) n (name)
      join code_set s on s.jurisdiction = ${jurisdiction} and s.code = regexp_replace(n.name, '@[^@]*$', '')
      join lateral (select codes from code_set_version where code_set_id = s.id
        and (n.name = s.code or n.name = s.code || '@' || label) order by number desc limit 1) v on true`)
  return Object.fromEntries(rows.map(({ name, codes }) => [name, codes]))
}
