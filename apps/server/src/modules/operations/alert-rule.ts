import type { Words } from '@huitong/contract'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import type { Level } from './response-clock.ts'

/** A subject for which the cause of a rule holds now. */
export interface Finding {
  readonly subjectKind: string
  /** With the rule it tells one alert from another. */
  readonly subjectId: string
  readonly subjectName: { readonly zh: string; readonly en?: string }
  readonly jurisdiction: string
  readonly departmentId: string
  readonly detail: Words
}

export interface Look {
  readonly db: Reader
  readonly services: Services
  readonly now: Date
  /** The department that operates the platform: what has no other owner is its matter. */
  readonly owner: Owner
}

export interface Owner {
  readonly jurisdiction: string
  readonly departmentId: string
}

/** What the platform watches: one file, one line in `rules/index.ts`. A rule reads facts and changes nothing. */
export interface AlertRule {
  readonly name: string
  readonly words: Words
  readonly level: Level
  /** What whoever looks after it does first. */
  readonly advice: Words
  /** How long the cause must last before an alert opens: what heals itself at once needs nobody. */
  readonly openAfterMs: number
  /** How long an alert must last before it becomes an incident with a clock. */
  readonly incidentAfterMs: number
  find(look: Look): Promise<readonly Finding[]>
}

export const alertRule = (given: AlertRule): AlertRule => given

/** The platform itself as the subject of an alert. */
export const platformFinding = (
  { owner }: Pick<Look, 'owner'>,
  subject: { id: string; zh: string; en: string },
  detail: Words,
): Finding => ({
  subjectKind: 'platform',
  subjectId: subject.id,
  subjectName: { zh: subject.zh, en: subject.en },
  ...owner,
  detail,
})

/** The data centre operates the platform; where a city has none, its data bureau. Null before the platform is set up. */
export const findOwner = (db: Reader): Promise<Owner | null> =>
  db.maybe<Owner>(sql`select jurisdiction, id as "departmentId" from department
    where kind in ('data_centre', 'bureau') and valid_to is null order by kind desc, credit_code limit 1`)
