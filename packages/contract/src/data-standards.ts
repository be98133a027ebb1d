import { Type, type Static } from 'typebox'
import { Day, exact, IdParams, Instant, LanguageMap, nullable, oneOf, page, PageQuery, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** 代码集 and 数据元: the standards that items of the catalogue are bound to. */

const Code = exact({ code: text(100, 1), name: text(200) })
export const CODES_MAX = 10_000
const Codes = Type.Array(Code, { minItems: 1, maxItems: CODES_MAX })
const VersionLabel = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$' })

export const CodeSetView = exact({
  id: Uuid,
  /** Unique in the jurisdiction: `GB/T 3304`. */
  code: Type.String(),
  name: LanguageMap(200),
  source: Type.String(),
  /** National tables come with the platform and are not changed here. */
  national: Type.Boolean(),
  /** The newest version and how many codes it has. */
  label: Type.String(),
  count: Type.Integer(),
  updatedAt: Instant,
  version: Type.Integer(),
})
export const CodeSetDetail = exact({
  ...CodeSetView.properties,
  versions: Type.Array(
    exact({ label: Type.String(), count: Type.Integer(), validFrom: nullable(Day), addedAt: Instant }),
  ),
  /** The version whose codes are shown. */
  shown: Type.String(),
  codes: Type.Array(Code),
})

export const ElementType = oneOf('text', 'integer', 'decimal', 'date', 'datetime', 'boolean')
/** What a value must be beyond its form: a number or code with a check character. */
export const ElementCheck = oneOf('id_number', 'credit_code', 'organisation_code')
const Size = Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 }))
/** Attributes of a data element after GB/T 18391.3 (ISO/IEC 11179-3) and GB/T 19488.1. */
export const ElementContent = exact({
  name: LanguageMap(128),
  definition: text(1000, 1),
  /** 对象类词, 特性词, 表示词. */
  objectClass: Type.Optional(text(64)),
  property: Type.Optional(text(64)),
  representation: Type.Optional(text(64)),
  synonyms: Type.Optional(Type.Array(text(64, 1), { maxItems: 20 })),
  type: ElementType,
  minLength: Size,
  maxLength: Size,
  /** Of numbers: digits in all, and after the point. */
  digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 38 })),
  scale: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
  /** Permissible values: a version of a code set. */
  codeSet: Type.Optional(exact({ id: Uuid, label: VersionLabel })),
  check: Type.Optional(ElementCheck),
  unit: Type.Optional(text(32)),
  /** The standard that it is taken from. */
  source: text(300, 1),
  /** 提交机构. */
  submitter: Type.Optional(text(128)),
})
export type ElementContent = Static<typeof ElementContent>
export const ElementState = oneOf('in_force', 'retired')
export const ElementView = exact({
  id: Uuid,
  /** 标识符. */
  identifier: Type.String(),
  name: LanguageMap(128),
  type: ElementType,
  /** 表示格式 as GB/T 19488.1 writes it: `an18`, `a..50`, `n..18,2`, `YYYY-MM-DD`. */
  format: Type.String(),
  codeSet: nullable(exact({ id: Uuid, code: Type.String(), label: Type.String(), name: LanguageMap(200) })),
  national: Type.Boolean(),
  state: ElementState,
  updatedAt: Instant,
  version: Type.Integer(),
})
export const ElementDetail = exact({
  ...ElementView.properties,
  content: ElementContent,
  versions: Type.Array(exact({ number: Type.Integer(), name: LanguageMap(128), format: Type.String(), at: Instant })),
})

const ListQuery = exact({ ...PageQuery, q: Type.Optional(text(64)) })
export const listCodeSets = endpoint({
  id: 'standards.code_set.list',
  method: 'GET',
  path: '/api/v1/code-sets',
  access: 'session',
  words: words('代码集列表', 'List code sets'),
  query: ListQuery,
  reply: page(CodeSetView),
})
export const readCodeSet = endpoint({
  id: 'standards.code_set.read',
  method: 'GET',
  path: '/api/v1/code-sets/:id',
  access: 'session',
  words: words('代码集', 'Read a code set'),
  params: IdParams,
  query: exact({ label: Type.Optional(VersionLabel) }),
  reply: CodeSetDetail,
})
export const createCodeSet = endpoint({
  id: 'standards.code_set.create',
  method: 'POST',
  path: '/api/v1/code-sets',
  access: 'standard.manage',
  words: words('建立代码集', 'Create a code set'),
  body: exact({
    code: Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z ./_-]{0,63}$' }),
    name: LanguageMap(200),
    source: text(300, 1),
    label: VersionLabel,
    validFrom: Type.Optional(Day),
    codes: Codes,
  }),
  reply: CodeSetDetail,
  status: 201,
  errors: ['object.exists', 'request.invalid'],
  bodyBytesMax: 4 * 1024 * 1024,
})
export const addCodeSetVersion = endpoint({
  id: 'standards.code_set.add_version',
  method: 'POST',
  path: '/api/v1/code-sets/:id/versions',
  access: 'standard.manage',
  words: words('发布代码集新版本', 'Add a version of a code set'),
  params: IdParams,
  body: exact({ label: VersionLabel, validFrom: Type.Optional(Day), codes: Codes }),
  reply: CodeSetDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.exists', 'object.state', 'request.invalid'],
  bodyBytesMax: 4 * 1024 * 1024,
})
export const listDataElements = endpoint({
  id: 'standards.data_element.list',
  method: 'GET',
  path: '/api/v1/data-elements',
  access: 'session',
  words: words('数据元列表', 'List data elements'),
  query: ListQuery,
  reply: page(ElementView),
})
export const readDataElement = endpoint({
  id: 'standards.data_element.read',
  method: 'GET',
  path: '/api/v1/data-elements/:id',
  access: 'session',
  words: words('数据元', 'Read a data element'),
  params: IdParams,
  reply: ElementDetail,
})
export const createDataElement = endpoint({
  id: 'standards.data_element.create',
  method: 'POST',
  path: '/api/v1/data-elements',
  access: 'standard.manage',
  words: words('建立数据元', 'Create a data element'),
  body: exact({ identifier: Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$' }), content: ElementContent }),
  reply: ElementDetail,
  status: 201,
  errors: ['object.exists', 'request.invalid'],
})
export const updateDataElement = endpoint({
  id: 'standards.data_element.update',
  method: 'PUT',
  path: '/api/v1/data-elements/:id',
  access: 'standard.manage',
  words: words('修订数据元', 'Revise a data element'),
  params: IdParams,
  body: exact({ content: ElementContent, state: ElementState }),
  reply: ElementDetail,
  ifMatch: true,
  errors: ['object.not_found', 'object.state', 'request.invalid'],
})

export const dataStandardEndpoints = [
  listCodeSets,
  readCodeSet,
  createCodeSet,
  addCodeSetVersion,
  listDataElements,
  readDataElement,
  createDataElement,
  updateDataElement,
] as const
