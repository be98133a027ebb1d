import { Type } from 'typebox'
import { ItemType } from './catalogue.ts'
import {
  BigInteger,
  Bilingual,
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
import { Rule, RuleOrigin } from './governance-views.ts'
import { words } from './words.ts'

/** 落标 and the design of rules: what items are bound to, the rules that follow, trials, versions. */

const BoundElement = exact({
  id: Uuid,
  identifier: Type.String(),
  name: LanguageMap(128),
  format: Type.String(),
  state: oneOf('in_force', 'retired'),
})
const BoundSet = exact({ id: Uuid, code: Type.String(), label: Type.String(), name: LanguageMap(200) })
export const BoundItem = exact({
  item: Type.String(),
  name: LanguageMap(128),
  type: nullable(ItemType),
  length: nullable(Type.Integer()),
  element: nullable(BoundElement),
  /** The code set that holds for the item: its own, or that of its element. */
  codeSet: nullable(BoundSet),
  ownCodeSet: Type.Boolean(),
  /** Where the catalogue's entry says something else than the element. */
  deviations: Type.Array(Bilingual),
  /** What the rules of the standard judged and found in the latest check; null: not checked by them. */
  judged: nullable(BigInteger),
  broken: nullable(BigInteger),
  /** An element of the same name, where the item is bound to none. */
  suggested: nullable(BoundElement),
})
const DatasetBindings = exact({
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  departmentId: Uuid,
  departmentName: LanguageMap(128),
  suiteId: nullable(Uuid),
  runId: nullable(Uuid),
  /** Whether its data has landed: only then it can have rules. */
  landed: Type.Boolean(),
  items: Type.Array(BoundItem),
})
export const readBindings = endpoint({
  id: 'governance.binding.read',
  method: 'GET',
  path: '/api/v1/quality/datasets/:id/bindings',
  access: 'quality.read',
  words: words('信息项落标', 'Which items are bound to standards'),
  params: IdParams,
  reply: DatasetBindings,
})
export const bindItems = endpoint({
  id: 'governance.binding.set',
  method: 'PUT',
  path: '/api/v1/quality/datasets/:id/bindings',
  access: 'standard.manage',
  words: words('绑定数据元与代码集', 'Bind items to standards'),
  params: IdParams,
  body: exact({
    bindings: Type.Array(
      exact({
        item: text(63, 1),
        elementId: nullable(Uuid),
        /** A code set without an element, or in place of the element's. */
        codeSet: nullable(exact({ id: Uuid, label: text(32, 1) })),
      }),
      { minItems: 1, maxItems: 1600 },
    ),
  }),
  reply: DatasetBindings,
  errors: ['object.not_found', 'request.invalid'],
})
export const listCoverage = endpoint({
  id: 'governance.coverage.list',
  method: 'GET',
  path: '/api/v1/quality/coverage',
  access: 'quality.read',
  words: words('落标情况', 'Conformance to standards'),
  query: exact({ ...PageQuery, by: oneOf('dataset', 'department'), departmentId: Type.Optional(Uuid) }),
  reply: page(
    exact({
      id: Uuid,
      name: LanguageMap(128),
      departmentName: LanguageMap(128),
      datasets: Type.Integer(),
      items: Type.Integer(),
      bound: Type.Integer(),
      /** Bound items whose data broke a rule of their standard in the latest check. */
      deviating: Type.Integer(),
      /** What the rules of standards judged and found in the latest checks. */
      judged: BigInteger,
      broken: BigInteger,
    }),
  ),
})
export const proposeRules = endpoint({
  id: 'governance.proposal.make',
  method: 'POST',
  path: '/api/v1/quality/datasets/:id/proposals',
  access: 'quality.manage',
  words: words('建议质量规则', 'Propose rules'),
  params: IdParams,
  body: exact({
    /** Also from what is counted in the collected data. */
    profile: Type.Boolean(),
    /** The rules that are there already. */
    rules: Type.Array(Rule, { maxItems: 512 }),
  }),
  reply: exact({
    /** Rows that were counted, and whether these are all. */
    rows: nullable(Type.Integer()),
    whole: Type.Boolean(),
    items: Type.Array(
      exact({
        rule: Rule,
        asks: Bilingual,
        origin: RuleOrigin,
        why: Bilingual,
        replaces: nullable(Type.String()),
      }),
    ),
  }),
  errors: ['object.not_found', 'quality.not_landed', 'quality.engine'],
})
export const tryRules = endpoint({
  id: 'governance.trial.make',
  method: 'POST',
  path: '/api/v1/quality/datasets/:id/trial',
  access: 'quality.manage',
  words: words('试运行规则', 'Try rules on sample rows'),
  params: IdParams,
  body: exact({
    rules: Type.Array(Rule, { minItems: 1, maxItems: 512 }),
    /** Rows that were typed in, by the columns; null: the first rows of the collected data. */
    rows: nullable(
      Type.Array(Type.Record(Type.String(), nullable(Type.String({ maxLength: 2000 }))), { minItems: 1, maxItems: 50 }),
    ),
  }),
  reply: exact({
    columns: Type.Array(exact({ column: Type.String(), name: LanguageMap(128), masked: Type.Boolean() })),
    rows: Type.Array(
      exact({
        values: Type.Array(nullable(Type.String())),
        /** null: the viewer sees masked values, which the verdicts on a row would undo; only counts are told. */
        broken: nullable(Type.Array(exact({ code: Type.String(), why: Bilingual }))),
      }),
    ),
    /** The rules that rows broke, and how many did. */
    counts: Type.Array(exact({ code: Type.String(), why: Bilingual, broken: Type.Integer() })),
  }),
  errors: ['object.not_found', 'request.invalid', 'quality.rule_invalid', 'quality.not_landed', 'quality.engine'],
})
export const listColumns = endpoint({
  id: 'governance.column.list',
  method: 'GET',
  path: '/api/v1/quality/datasets/:id/columns',
  access: 'quality.manage',
  words: words('可设规则的字段', 'Columns that rules may ask about'),
  params: IdParams,
  reply: exact({
    datasetName: LanguageMap(128),
    departmentName: LanguageMap(128),
    suiteId: nullable(Uuid),
    columns: Type.Array(exact({ column: Type.String(), name: LanguageMap(128), holds: Type.String() })),
    key: Type.Array(Type.String()),
    /** Other datasets that have landed: rules may look in them. */
    others: Type.Array(
      exact({
        id: Uuid,
        name: LanguageMap(128),
        columns: Type.Array(exact({ column: Type.String(), name: LanguageMap(128) })),
      }),
    ),
  }),
  errors: ['object.not_found', 'quality.not_landed'],
})
export const listSuiteVersions = endpoint({
  id: 'governance.suite_version.list',
  method: 'GET',
  path: '/api/v1/quality/suites/:id/versions',
  access: 'quality.read',
  words: words('质量规则版本', 'Versions of a rule suite'),
  params: IdParams,
  query: exact(PageQuery),
  reply: page(
    exact({
      version: Type.Integer(),
      at: Instant,
      by: Type.String(),
      rules: Type.Array(Rule),
      /** Codes of rules against the version before. */
      added: Type.Array(Type.String()),
      removed: Type.Array(Type.String()),
      changed: Type.Array(Type.String()),
      /** Checks that were made by it. */
      runs: Type.Integer(),
    }),
  ),
})

export const ruleDesignEndpoints = [
  readBindings,
  bindItems,
  listCoverage,
  listColumns,
  proposeRules,
  tryRules,
  listSuiteVersions,
] as const
