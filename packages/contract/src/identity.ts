import { Type } from 'typebox'
import {
  Bilingual,
  Day,
  DivisionCode,
  exact,
  IdParams,
  Instant,
  LanguageMap,
  nullable,
  oneOf,
  page,
  PageQuery,
  text,
  Uuid,
} from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

const Account = text(64, 3)
const Password = text(256, 1)

export const RoleRef = exact({ name: Type.String(), words: Bilingual, scope: oneOf('department', 'jurisdiction') })

export const DepartmentView = exact({
  id: Uuid,
  name: LanguageMap(128),
  creditCode: Type.String(),
  division: DivisionCode,
  parentId: nullable(Uuid),
  kind: oneOf('department', 'bureau', 'data_centre', 'institution'),
  validFrom: Day,
  validTo: nullable(Day),
  successorId: nullable(Uuid),
  version: Type.Integer(),
})

export const PersonView = exact({
  id: Uuid,
  account: Type.String(),
  name: Type.String(),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  roles: Type.Array(RoleRef),
  disabled: Type.Boolean(),
  version: Type.Integer(),
})

export const SessionView = exact({
  person: PersonView,
  permissions: Type.Array(Type.String()),
  /** Somebody else chose the password: the session opens nothing until it is changed. */
  mustChangePassword: Type.Boolean(),
  expiresAt: Instant,
  idleMinutes: Type.Integer(),
  demo: Type.Boolean(),
  legalTime: Instant,
})

export const login = endpoint({
  id: 'identity.session.create',
  method: 'POST',
  path: '/api/v1/sessions',
  access: 'public',
  words: words('登录', 'Sign in'),
  body: exact({ account: Account, password: Password }),
  reply: SessionView,
  status: 201,
  errors: ['session.credentials'],
})
export const logout = endpoint({
  id: 'identity.session.end',
  method: 'DELETE',
  path: '/api/v1/sessions/current',
  access: 'session',
  words: words('退出', 'Sign out'),
  reply: exact({}),
})
export const currentSession = endpoint({
  id: 'identity.session.read',
  method: 'GET',
  path: '/api/v1/sessions/current',
  access: 'session',
  words: words('当前会话', 'Current session'),
  reply: SessionView,
})
export const changePassword = endpoint({
  id: 'identity.password.change',
  method: 'PUT',
  path: '/api/v1/sessions/current/password',
  access: 'session',
  words: words('修改密码', 'Change password'),
  body: exact({ current: Password, next: Password }),
  reply: exact({}),
  errors: ['session.credentials', 'password.weak'],
})
export const setupState = endpoint({
  id: 'identity.setup.read',
  method: 'GET',
  path: '/api/v1/setup',
  access: 'public',
  words: words('初始化状态', 'Set-up state'),
  reply: exact({ open: Type.Boolean(), demo: Type.Boolean() }),
})
export const setup = endpoint({
  id: 'identity.setup.finish',
  method: 'POST',
  path: '/api/v1/setup',
  access: 'public',
  words: words('初始化平台', 'Set up the platform'),
  body: exact({
    token: text(128, 16),
    division: DivisionCode,
    department: exact({ name: LanguageMap(128), creditCode: text(18, 18) }),
    administrators: exact({
      system: exact({ account: Account, name: text(64, 1), password: Password }),
      security: exact({ account: Account, name: text(64, 1), password: Password }),
      audit: exact({ account: Account, name: text(64, 1), password: Password }),
    }),
  }),
  reply: exact({ departmentId: Uuid }),
  status: 201,
  errors: ['setup.closed', 'setup.token', 'password.weak', 'object.exists'],
})

export const listDepartments = endpoint({
  id: 'identity.department.list',
  method: 'GET',
  path: '/api/v1/departments',
  access: 'directory.read',
  words: words('部门列表', 'List departments'),
  query: exact({ ...PageQuery, q: Type.Optional(text(64)) }),
  reply: page(DepartmentView),
})
export const readDepartment = endpoint({
  id: 'identity.department.read',
  method: 'GET',
  path: '/api/v1/departments/:id',
  access: 'directory.read',
  words: words('查看部门', 'Read department'),
  params: IdParams,
  reply: DepartmentView,
  errors: ['object.not_found'],
})
export const createDepartment = endpoint({
  id: 'identity.department.create',
  method: 'POST',
  path: '/api/v1/departments',
  access: 'department.manage',
  words: words('新建部门', 'Create department'),
  body: exact({
    name: LanguageMap(128),
    creditCode: text(18, 18),
    division: DivisionCode,
    parentId: Type.Optional(Uuid),
    kind: oneOf('department', 'bureau', 'data_centre', 'institution'),
    validFrom: Day,
  }),
  reply: DepartmentView,
  status: 201,
  errors: ['object.exists', 'object.not_found'],
})
export const renameDepartment = endpoint({
  id: 'identity.department.rename',
  method: 'PATCH',
  path: '/api/v1/departments/:id',
  access: 'department.manage',
  words: words('部门更名', 'Rename department'),
  params: IdParams,
  body: exact({ name: LanguageMap(128) }),
  reply: DepartmentView,
  ifMatch: true,
  errors: ['object.not_found', 'department.abolished'],
})
export const abolishDepartment = endpoint({
  id: 'identity.department.abolish',
  method: 'POST',
  path: '/api/v1/departments/:id/abolition',
  access: 'department.manage',
  words: words('撤销部门并指定承接部门', 'Abolish department, naming its successor'),
  params: IdParams,
  body: exact({ successorId: Uuid, validTo: Day }),
  reply: DepartmentView,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'department.abolished'],
})

export const listRegions = endpoint({
  id: 'identity.region.list',
  method: 'GET',
  path: '/api/v1/regions',
  access: 'directory.read',
  words: words('行政区划', 'Regions'),
  query: exact({ ...PageQuery, parent: Type.Optional(DivisionCode) }),
  reply: page(
    exact({
      code: DivisionCode,
      name: LanguageMap(64),
      level: oneOf('province', 'prefecture', 'county'),
      parent: nullable(DivisionCode),
      validFrom: Day,
      validTo: nullable(Day),
    }),
  ),
})

export const listPeople = endpoint({
  id: 'identity.person.list',
  method: 'GET',
  path: '/api/v1/people',
  access: 'directory.read',
  words: words('人员列表', 'List people'),
  query: exact({ ...PageQuery, departmentId: Type.Optional(Uuid) }),
  reply: page(PersonView),
})
export const createPerson = endpoint({
  id: 'identity.person.create',
  method: 'POST',
  path: '/api/v1/people',
  access: 'person.manage',
  words: words('新建人员', 'Create person'),
  body: exact({ account: Account, name: text(64, 1), departmentId: Uuid, password: Password }),
  reply: PersonView,
  status: 201,
  errors: ['object.exists', 'password.weak', 'department.abolished'],
})
export const disablePerson = endpoint({
  id: 'identity.person.disable',
  method: 'POST',
  path: '/api/v1/people/:id/suspension',
  access: 'person.manage',
  words: words('停用人员', 'Suspend person'),
  params: IdParams,
  body: exact({ disabled: Type.Boolean() }),
  reply: PersonView,
  ifMatch: true,
  errors: ['object.not_found', 'request.same_person'],
})
export const resetPassword = endpoint({
  id: 'identity.password.reset',
  method: 'PUT',
  path: '/api/v1/people/:id/password',
  access: 'person.manage',
  words: words('重置密码', 'Reset password'),
  params: IdParams,
  body: exact({ password: Password }),
  reply: PersonView,
  ifMatch: true,
  errors: ['object.not_found', 'request.same_person', 'password.weak'],
})
export const assignRoles = endpoint({
  id: 'identity.role.assign',
  method: 'PUT',
  path: '/api/v1/people/:id/roles',
  access: 'role.assign',
  words: words('分配角色', 'Assign roles'),
  params: IdParams,
  body: exact({ roles: Type.Array(text(64, 1), { maxItems: 16 }) }),
  reply: PersonView,
  ifMatch: true,
  errors: ['object.not_found', 'role.conflict', 'request.same_person'],
})
export const listRoles = endpoint({
  id: 'identity.role.list',
  method: 'GET',
  path: '/api/v1/roles',
  access: 'directory.read',
  words: words('角色列表', 'List roles'),
  reply: exact({
    items: Type.Array(
      exact({
        name: Type.String(),
        words: Bilingual,
        scope: oneOf('department', 'jurisdiction'),
        permissions: Type.Array(Type.String()),
      }),
    ),
  }),
})

export const identityEndpoints = [
  login,
  logout,
  currentSession,
  changePassword,
  setupState,
  setup,
  listDepartments,
  readDepartment,
  createDepartment,
  renameDepartment,
  abolishDepartment,
  listRegions,
  listPeople,
  createPerson,
  disablePerson,
  resetPassword,
  assignRoles,
  listRoles,
] as const
