import { organCreditCode } from './credit-code.ts'
import { prefectures, type Division } from './divisions.ts'
import { randomOf, type Random } from './random.ts'

export type DepartmentKind = 'department' | 'bureau' | 'data_centre'

export interface CityDepartment {
  /** Pinyin; begins the accounts of its people. */
  readonly key: string
  readonly name: string
  readonly english: string
  readonly kind: DepartmentKind
  readonly creditCode: string
}
export interface CityPerson {
  readonly account: string
  readonly name: string
  readonly department: string
  readonly role: string
  readonly roleWords: { readonly zh: string; readonly en: string }
}
export interface City {
  readonly seed: number
  readonly province: Division
  readonly division: Division
  readonly counties: readonly Division[]
  readonly departments: readonly CityDepartment[]
  readonly people: readonly CityPerson[]
  /** One password for all demonstration accounts; satisfies the policy of administrators. */
  readonly password: string
}

type Row = readonly [key: string, name: string, english: string, kind?: DepartmentKind]

/** What a prefecture-level city has, with the usual names; the data bureau is the authority (政务数据共享工作主管部门). */
const DEPARTMENTS: readonly Row[] = [
  ['shuju', '数据资源管理局', 'Data Resources Administration', 'bureau'],
  ['zhongxin', '大数据中心', 'Big Data Centre', 'data_centre'],
  ['minzheng', '民政局', 'Civil Affairs Bureau'],
  ['zhujian', '住房和城乡建设局', 'Housing and Urban-Rural Development Bureau'],
  ['renshe', '人力资源和社会保障局', 'Human Resources and Social Security Bureau'],
  ['gongan', '公安局', 'Public Security Bureau'],
  ['shichang', '市场监督管理局', 'Market Regulation Bureau'],
  ['weijian', '卫生健康委员会', 'Health Commission'],
  ['yibao', '医疗保障局', 'Healthcare Security Bureau'],
  ['ziran', '自然资源和规划局', 'Natural Resources and Planning Bureau'],
  ['jiaoyu', '教育局', 'Education Bureau'],
  ['sifa', '司法局', 'Justice Bureau'],
  ['caizheng', '财政局', 'Finance Bureau'],
  ['shuiwu', '税务局', 'Taxation Bureau'],
  ['fagai', '发展和改革委员会', 'Development and Reform Commission'],
  ['gongxin', '工业和信息化局', 'Industry and Information Technology Bureau'],
  ['jiaotong', '交通运输局', 'Transport Bureau'],
  ['yingji', '应急管理局', 'Emergency Management Bureau'],
  ['tongji', '统计局', 'Statistics Bureau'],
  ['nongye', '农业农村局', 'Agriculture and Rural Affairs Bureau'],
]

const ROLE_WORDS = {
  system_admin: { zh: '系统管理员', en: 'System administrator' },
  security_admin: { zh: '安全管理员', en: 'Security administrator' },
  audit_admin: { zh: '审计管理员', en: 'Audit administrator' },
  authority: { zh: '主管部门', en: 'Authority' },
  data_centre: { zh: '大数据中心', en: 'Data centre' },
  operator: { zh: '平台运维', en: 'Operator' },
  data_officer: { zh: '数据专员', en: 'Data officer' },
  department_head: { zh: '部门负责人', en: 'Department head' },
  developer: { zh: '使用系统开发者', en: 'Developer' },
} as const
export type CityRole = keyof typeof ROLE_WORDS

/** Those who serve the whole city; every department other than these two has an officer and a head besides. */
const CENTRAL: readonly (readonly [account: string, department: string, role: CityRole])[] = [
  ['sysadmin', 'shuju', 'system_admin'],
  ['secadmin', 'shuju', 'security_admin'],
  ['auditor', 'shuju', 'audit_admin'],
  ['bureau-authority', 'shuju', 'authority'],
  ['centre', 'zhongxin', 'data_centre'],
  ['operator', 'zhongxin', 'operator'],
  ['zhongxin-officer', 'zhongxin', 'data_officer'],
  ['zhongxin-head', 'zhongxin', 'department_head'],
  ['developer', 'zhujian', 'developer'],
]

const SURNAMES = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜',
]
const GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文慧琳晨宇欣怡浩然思雨博睿佳颖']

/** The public password of the demonstration: it protects nothing and is printed by `npm start`. */
const PASSWORD = 'Huitong-Demo-2026'

/** The city of a seed: a real prefecture-level city, its usual departments, people in every role. Same seed, same city. */
export function cityOf(seed: number): City {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError('a seed is a whole number from 0')
  const random = randomOf(`huitong/city/${seed}`)
  const { province, counties, code, name } = random.fork('place').pick(prefectures())
  const departments = DEPARTMENTS.map(([key, title, english, kind = 'department'], at) => {
    return { key, name: `${name}${title}`, english, kind, creditCode: organCreditCode(code, at + 1) }
  })
  const people = [...CENTRAL, ...DEPARTMENTS.flatMap(staffOf)].map(([account, department, role]) => {
    return { account, name: personName(random.fork(account)), department, role, roleWords: ROLE_WORDS[role] }
  })
  return { seed, province, division: { code, name }, counties, departments, people, password: PASSWORD }
}

function staffOf([key, , , kind]: Row): (readonly [string, string, CityRole])[] {
  if (kind !== undefined) return []
  return [
    [`${key}-officer`, key, 'data_officer'],
    [`${key}-head`, key, 'department_head'],
  ]
}

function personName(random: Random): string {
  const given = random.integer(4) === 0 ? random.pick(GIVEN) : random.pick(GIVEN) + random.pick(GIVEN)
  return random.pick(SURNAMES) + given
}
