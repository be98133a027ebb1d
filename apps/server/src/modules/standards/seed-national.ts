import { randomUUID } from 'node:crypto'
import { nationalCodeSets } from '@huitong/codes'
import type { ElementContent } from '@huitong/contract/data-standards'
import { sql } from 'kysely'
import type { Reader, Writer } from '../../kernel/db.ts'
import { NATIONAL_ELEMENTS } from './national-elements.ts'

/** How many of the present national code sets (by edition) and elements a jurisdiction has not got. */
export async function missingStandards(db: Reader, jurisdiction: string): Promise<number> {
  const sets = nationalCodeSets()
  const row = await db.one<{ n: number }>(sql`select (
      (select count(*) from unnest(${sets.map((one) => one.code)}::text[], ${sets.map((one) => one.edition)}::text[]) n (code, label)
        where not exists (select from code_set s left join code_set_version v on v.code_set_id = s.id and v.label = n.label
          where s.jurisdiction = ${jurisdiction} and s.code = n.code and (not s.national or v.label is not null)))
      + (select count(*) from unnest(${NATIONAL_ELEMENTS.map((one) => one.identifier)}::text[]) n (identifier)
        where not exists (select from data_element e where e.jurisdiction = ${jurisdiction} and e.identifier = n.identifier)))::int as n`)
  return row.n
}

/**
 * Gives a jurisdiction the national code sets and elements that it has not got: all of them at its set-up, and after an
 * upgrade the new editions. A code that the jurisdiction uses for a set of its own stays its own.
 */
export async function seedNational(db: Writer, jurisdiction: string, now: Date): Promise<void> {
  const versions = new Map<string, { id: string; label: string }>()
  for (const one of nationalCodeSets()) {
    await db.run(sql`insert into code_set (id, jurisdiction, code, name, source, national, updated_at)
      values (${randomUUID()}, ${jurisdiction}, ${one.code}, ${JSON.stringify(one.name)}, ${one.source}, true, ${now})
      on conflict do nothing`)
    const set = await db.one<{ id: string; national: boolean; known: boolean; last: number }>(sql`select id, national,
        exists (select from code_set_version where code_set_id = s.id and label = ${one.edition}) as known,
        coalesce((select max(number) from code_set_version where code_set_id = s.id), 0) as last
      from code_set s where jurisdiction = ${jurisdiction} and code = ${one.code}`)
    versions.set(one.code, { id: set.id, label: one.edition })
    if (set.known || !set.national) continue
    await db.run(sql`insert into code_set_version (code_set_id, number, label, codes, added_at)
      values (${set.id}, ${set.last + 1}, ${one.edition}, ${JSON.stringify(one.codes)}, ${now})`)
    await db.run(sql`update code_set set source = ${one.source}, updated_at = ${now} where id = ${set.id}`)
  }
  for (const { identifier, content, set } of NATIONAL_ELEMENTS) {
    const whole: ElementContent = { ...content, ...(set === undefined ? {} : { codeSet: versions.get(set)! }) }
    const made = await db.maybe<{
      id: string
    }>(sql`insert into data_element (id, jurisdiction, identifier, content, state, national, updated_at)
      values (${randomUUID()}, ${jurisdiction}, ${identifier}, ${JSON.stringify(whole)}, 'in_force', true, ${now})
      on conflict do nothing returning id`)
    if (made)
      await db.run(sql`insert into data_element_version (element_id, number, content, at)
        values (${made.id}, 1, ${JSON.stringify(whole)}, ${now})`)
  }
}
