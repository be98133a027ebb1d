import type { Verb } from '../../kernel/verb.ts'
import { abolishDepartmentVerb } from './abolish-department.ts'
import { assignRolesVerb } from './assign-roles.ts'
import { changePasswordVerb } from './change-password.ts'
import { createDepartmentVerb } from './create-department.ts'
import { createPersonVerb } from './create-person.ts'
import { currentSessionVerb } from './current-session.ts'
import { disablePersonVerb } from './disable-person.ts'
import { listDepartmentsVerb } from './list-departments.ts'
import { listPeopleVerb } from './list-people.ts'
import { listRegionsVerb } from './list-regions.ts'
import { listRolesVerb } from './list-roles.ts'
import { loginVerb } from './login.ts'
import { logoutVerb } from './logout.ts'
import { readDepartmentVerb } from './read-department.ts'
import { renameDepartmentVerb } from './rename-department.ts'
import { resetPasswordVerb } from './reset-password.ts'
import { setupStateVerb } from './setup-state.ts'
import { setupVerb } from './setup.ts'

export { seedIdentity } from './seed.ts'
export { authenticateSession } from './sessions.ts'
export { isSetUp, renewSetupToken } from './setup.ts'
export { requireStrong, hashPassword } from './password.ts'

export const identityVerbs: readonly Verb[] = [
  loginVerb,
  logoutVerb,
  currentSessionVerb,
  changePasswordVerb,
  setupStateVerb,
  setupVerb,
  listDepartmentsVerb,
  readDepartmentVerb,
  createDepartmentVerb,
  renameDepartmentVerb,
  abolishDepartmentVerb,
  listRegionsVerb,
  listPeopleVerb,
  createPersonVerb,
  disablePersonVerb,
  resetPasswordVerb,
  assignRolesVerb,
  listRolesVerb,
]
