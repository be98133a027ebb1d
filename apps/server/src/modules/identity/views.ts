import { THREE_ADMINISTRATORS } from '@huitong/contract'
import type { Static } from 'typebox'
import type { DepartmentView, PersonView } from '@huitong/contract/identity'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'

export interface DepartmentRow {
  id: string
  name: { zh: string; en?: string }
  credit_code: string
  division: string
  parent_id: string | null
  kind: 'department' | 'bureau' | 'data_centre' | 'institution'
  valid_from: string
  valid_to: string | null
  successor_id: string | null
  version: number
}

export const departmentView = (row: DepartmentRow): Static<typeof DepartmentView> => ({
  id: row.id,
  name: row.name,
  creditCode: row.credit_code,
  division: row.division,
  parentId: row.parent_id,
  kind: row.kind,
  validFrom: row.valid_from,
  validTo: row.valid_to,
  successorId: row.successor_id,
  version: row.version,
})

export const DEPARTMENT_COLUMNS = sql.raw(
  'd.id, d.name, d.credit_code, d.division, d.parent_id, d.kind, d.valid_from, d.valid_to, d.successor_id, d.version',
)

/** One department by its id; `object.not_found` when the caller's context does not see it. */
export async function readDepartmentView(db: Reader, id: string): Promise<Static<typeof DepartmentView>> {
  return departmentView(
    await db.one<DepartmentRow>(sql`select ${DEPARTMENT_COLUMNS} from department d where d.id = ${id}`),
  )
}

export interface PersonRow {
  id: string
  account: string
  name: string
  department_id: string
  department_name: { zh: string; en?: string }
  disabled: boolean
  version: number
  roles: { name: string; words: { zh: string; en: string }; scope: 'department' | 'jurisdiction' }[]
}

export const personView = (row: PersonRow): Static<typeof PersonView> => ({
  id: row.id,
  account: row.account,
  name: row.name,
  departmentId: row.department_id,
  departmentName: row.department_name,
  roles: row.roles,
  disabled: row.disabled,
  version: row.version,
})

export const SELECT_PERSON =
  sql.raw(`select p.id, p.account, p.name, p.department_id, d.name as department_name, p.disabled, p.version,
    coalesce((select jsonb_agg(jsonb_build_object('name', r.name, 'words', r.words, 'scope', r.scope) order by r.name)
      from person_role pr join role r on r.name = pr.role where pr.person_id = p.id), '[]') as roles
  from person p join department d on d.id = p.department_id`)

/** One person by id; `object.not_found` when not visible. */
export async function readPersonView(db: Reader, id: string): Promise<Static<typeof PersonView>> {
  return personView(await db.one<PersonRow>(sql`${SELECT_PERSON} where p.id = ${id}`))
}

/** Is it one of the three administrators (三员)? */
export const isAdministrator = (roles: readonly string[]): boolean =>
  roles.some((role) => THREE_ADMINISTRATORS.includes(role))
