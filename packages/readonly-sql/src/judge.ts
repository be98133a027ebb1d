import { FUNCTIONS, TABLE_FUNCTIONS } from './functions.ts'

/** A table that a question may read. */
export interface Table {
  readonly schema: string
  readonly name: string
}

/** Why a question is refused; `at` counts UTF-16 units of the text from 0, null where the parser names no place. */
export interface Fault {
  readonly at: number | null
  readonly zh: string
  readonly en: string
}

export interface Judgement {
  readonly faults: readonly Fault[]
  /** Those of the allowed tables that are read, each once. */
  readonly tables: readonly Table[]
}

type Node = Readonly<Record<string, unknown>>
const FAULTS_MAX = 20
/** Deeper than any question that a person writes; the parser allows a thousand. */
const DEPTH_MAX = 200
/** They fill any memory, which DuckDB does not count; `repeat` even where its number is small, within itself. */
const LENGTHENING: ReadonlySet<string> = new Set(['lpad', 'rpad'])
const LENGTH_MAX = 1000

const listed = (text: string): ReadonlySet<string> => new Set(text.split(',').map((one) => one.trim()))

const EXPRESSIONS =
  listed(`BETWEEN, CASE, CAST, COLLATE, COLUMN_REF, COMPARISON, CONJUNCTION, CONSTANT, FUNCTION, LAMBDA,
  LAMBDA_REF, OPERATOR, POSITIONAL_REFERENCE, STAR, SUBQUERY, WINDOW, TYPE`)
const QUERY_NODES = listed('SELECT_NODE, SET_OPERATION_NODE, RECURSIVE_CTE_NODE')
const TABLE_REFS = listed('BASE_TABLE, SUBQUERY, JOIN, TABLE_FUNCTION, EXPRESSION_LIST, EMPTY')
const MODIFIERS = listed('ORDER_MODIFIER, LIMIT_MODIFIER, LIMIT_PERCENT_MODIFIER, DISTINCT_MODIFIER')
/** What a question may call its own tables: never what DuckDB would take for a file, or for a table of the system. */
const OWN_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u
const SYSTEM_NAME = /^(duckdb|pg|sqlite|pragma|information_schema)/i
/** Types that are no more than values; a name that the parser does not know would be looked up. */
const TYPES =
  listed(`BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, HUGEINT, UTINYINT, USMALLINT, UINTEGER, UBIGINT, FLOAT, DOUBLE,
  DECIMAL, VARCHAR, BLOB, DATE, TIME, TIMESTAMP, TIMESTAMP WITH TIME ZONE, TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_NS, INTERVAL,
  LIST, ARRAY, STRUCT, MAP, UUID, NULL, ANY`)
/** What casts call them before they are bound. */
const TYPE_NAMES = new Set([
  ...[...TYPES].map((one) => one.toLowerCase()),
  ...listed(`int, int2, int4, int8, long, text, string, char, bpchar, numeric, real, float4, float8, bool, logical, datetime,
  timestamptz, bytea, short, dec, integral`),
])

/**
 * Judges the tree that DuckDB's `json_serialize_sql` made of a question. Only what is known here is let through: one SELECT over
 * the tables given, by functions that compute and do nothing else.
 */
export function judgeQuestion(text: string, tree: unknown, tables: readonly Table[]): Judgement {
  const root = tree as Node
  if (root['error'] === true) return { faults: [parserFault(root)], tables: [] }
  const statements = root['statements']
  if (!Array.isArray(statements) || statements.length !== 1)
    return { faults: [fault(null, '只能有一条查询语句', 'give one question only')], tables: [] }
  const judge = new Judge(tables)
  const statement = statements[0] as Node
  if (Array.isArray(statement['named_param_map']) && statement['named_param_map'].length > 0)
    judge.refuse(null, '不支持参数占位符', 'placeholders are not supported')
  judge.query(statement['node'], new Set(), 0)
  // The tree counts bytes of UTF-8.
  const bytes = Buffer.from(text)
  const placed = judge.faults.map((one) => ({
    ...one,
    at: one.at === null ? null : bytes.subarray(0, one.at).toString().length,
  }))
  return { faults: placed, tables: [...judge.read.values()] }
}

const fault = (at: number | null, zh: string, en: string): Fault => ({ at, zh, en })

function parserFault(root: Node): Fault {
  const said = String(root['error_message']).slice(0, 300)
  if (root['error_type'] === 'notimplemented')
    return fault(
      null,
      '只能用 SELECT 查询，不支持修改语句以及 PIVOT、DESCRIBE',
      'only SELECT can be asked; PIVOT and DESCRIBE cannot',
    )
  const at = Number(root['position'])
  return fault(Number.isSafeInteger(at) ? at : null, `语法错误：${said}`, said)
}

class Judge {
  readonly faults: Fault[] = []
  readonly read = new Map<string, Table>()
  readonly #tables: readonly Table[]

  constructor(tables: readonly Table[]) {
    this.#tables = tables
  }

  refuse(at: number | null, zh: string, en: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push(fault(at, zh, en))
  }

  /** A query node; `names` are those of the common table expressions that it may refer to. */
  query(given: unknown, names: ReadonlySet<string>, depth: number): void {
    const node = given as Node | null
    if (node === null || typeof node !== 'object' || !QUERY_NODES.has(String(node['type']))) {
      this.refuse(null, `不支持的语句：${kindOf(node)}`, `this kind of query is not supported: ${kindOf(node)}`)
      return
    }
    if (depth > DEPTH_MAX) return this.refuse(null, '嵌套过深', 'nested too deeply')
    const inner = new Set(names)
    // One that is defined later may refer to those before it.
    for (const { key, value } of entriesOf(node['cte_map'])) {
      if (!OWN_NAME.test(key) || SYSTEM_NAME.test(key))
        this.refuse(null, `WITH 中不能用名称 ${key.slice(0, 60)}`, `WITH cannot define the name ${key.slice(0, 60)}`)
      this.#each(value, inner, depth + 1)
      inner.add(folded(key))
    }
    // A recursive one refers to itself in its second part only: in the first DuckDB takes the name for a table of its own.
    const itself = node['type'] === 'RECURSIVE_CTE_NODE' ? new Set([...inner, folded(String(node['cte_name']))]) : inner
    for (const [name, value] of Object.entries(node)) {
      if (name === 'cte_map' || name === 'type') continue
      if (name === 'modifiers') this.#modifiers(value, inner, depth + 1)
      else if (name === 'from_table') this.#table(value, inner, depth + 1)
      else if (name === 'right') this.query(value, itself, depth + 1)
      else this.#each(value, inner, depth + 1)
    }
  }

  #modifiers(given: unknown, names: ReadonlySet<string>, depth: number): void {
    for (const one of given as Node[]) {
      if (!MODIFIERS.has(String(one['type'])))
        this.refuse(null, `不支持：${kindOf(one)}`, `not supported: ${kindOf(one)}`)
      this.#each({ ...one, type: undefined }, names, depth)
    }
  }

  #table(given: unknown, names: ReadonlySet<string>, depth: number): void {
    const node = given as Node | null
    if (node === null) return
    const at = placeOf(node)
    if (depth > DEPTH_MAX) return this.refuse(at, '嵌套过深', 'nested too deeply')
    switch (TABLE_REFS.has(String(node['type'])) ? node['type'] : undefined) {
      case undefined:
        return this.refuse(at, `不支持：${kindOf(node)}`, `not supported: ${kindOf(node)}`)
      case 'BASE_TABLE':
        this.#baseTable(node, names, at)
        return this.#each(node['at_clause'], names, depth + 1)
      case 'TABLE_FUNCTION': {
        const called = node['function'] as Node
        const name = folded(String(called['function_name']))
        if (called['class'] !== 'FUNCTION' || !TABLE_FUNCTIONS.has(name))
          return this.refuse(at, `不能使用表函数 ${name}`, `the table function ${name} cannot be used`)
        return this.#each({ ...called, class: undefined }, names, depth + 1)
      }
      case 'JOIN':
        this.#table(node['left'], names, depth + 1)
        this.#table(node['right'], names, depth + 1)
        return this.#each(node['condition'], names, depth + 1)
      case 'SUBQUERY':
        return this.query((node['subquery'] as Node | undefined)?.['node'], names, depth + 1)
      default:
        return this.#each(node['values'], names, depth + 1)
    }
  }

  #baseTable(node: Node, names: ReadonlySet<string>, at: number | null): void {
    const [catalog, schema, name] = [node['catalog_name'], node['schema_name'], node['table_name']].map(String)
    if (catalog === '' && schema === '' && names.has(folded(name!))) return
    const found = this.#tables.filter(
      (one) => folded(one.name) === folded(name!) && folded(one.schema) === folded(schema!),
    )
    if (catalog === '' && found.length === 1) this.read.set(`${found[0]!.schema}.${found[0]!.name}`, found[0]!)
    else {
      const full = [catalog, schema, name].filter(Boolean).join('.').slice(0, 200)
      this.refuse(at, `没有表 ${full}，或您无权查询`, `there is no table ${full}, or you may not ask it`)
    }
  }

  /** An expression, or a part of the tree in which expressions and queries may be. */
  #each(given: unknown, names: ReadonlySet<string>, depth: number): void {
    if (given === null || typeof given !== 'object') return
    if (depth > DEPTH_MAX) return this.refuse(null, '嵌套过深', 'nested too deeply')
    if (Array.isArray(given)) {
      for (const one of given) this.#each(one, names, depth)
      return
    }
    const node = given as Node
    if (isQuery(node)) return this.query(node, names, depth + 1)
    if (typeof node['class'] === 'string') this.#expression(node)
    else if ('sample' in node) return this.#table(node, names, depth)
    for (const [name, value] of Object.entries(node)) {
      // What a constant holds is a value, whatever it looks like.
      if (name === 'value' && node['class'] === 'CONSTANT') continue
      if (name === 'cast_type') this.#type(value as Node, placeOf(node))
      else this.#each(value, names, depth + 1)
    }
  }

  #expression(node: Node): void {
    const [kind, at] = [String(node['class']), placeOf(node)]
    if (!EXPRESSIONS.has(kind)) return this.refuse(at, `不支持：${kind}`, `not supported: ${kind}`)
    if (kind !== 'FUNCTION' && kind !== 'WINDOW') return
    const name = folded(String(node['function_name']))
    if (!FUNCTIONS.has(name)) this.refuse(at, `不能使用函数 ${name}`, `the function ${name} cannot be used`)
    if (LENGTHENING.has(name) && !(constantOf(node) <= LENGTH_MAX))
      this.refuse(
        at,
        `${name} 的次数或长度须为不超过 ${LENGTH_MAX} 的常数`,
        `${name} takes a constant of ${LENGTH_MAX} at most`,
      )
  }

  #type(given: Node, at: number | null): void {
    const info = given['type_info'] as Node | null
    const name = given['id'] === 'UNBOUND' ? String(info?.['name']).toLowerCase() : null
    const isKnown = name === null ? TYPES.has(String(given['id'])) : TYPE_NAMES.has(name)
    if (!isKnown) {
      const said = (name ?? String(given['id'])).slice(0, 60)
      return this.refuse(at, `不能转换为类型 ${said}`, `cannot cast to the type ${said}`)
    }
    for (const inner of typesIn(info)) this.#type(inner, at)
  }
}

/** Types within a type: of the elements of a list, the fields of a struct. */
function* typesIn(given: unknown): Generator<Node> {
  if (given === null || typeof given !== 'object') return
  for (const value of Object.values(given as object)) {
    if (
      value !== null &&
      typeof value === 'object' &&
      typeof (value as Node)['id'] === 'string' &&
      'type_info' in value
    )
      yield value as Node
    else yield* typesIn(value)
  }
}

/** The second argument, where it is a whole number as it stands; else NaN. */
function constantOf(node: Node): number {
  const second = (node['children'] as Node[] | undefined)?.[1]
  const value = (second?.['value'] as Node | undefined)?.['value']
  return second?.['class'] === 'CONSTANT' && typeof value === 'number' ? value : NaN
}

/** Every query has its map of names; one of a kind that is not known is one too, and refused. */
const isQuery = (node: Node): boolean => 'cte_map' in node
/** For DuckDB names are the same in whatever case their ASCII letters are, and these alone: K, the sign of Kelvin, is no k. */
const folded = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
const kindOf = (node: Node | null | undefined): string => String(node?.['type'] ?? '?').slice(0, 60)
function placeOf(node: Node): number | null {
  const at = node['query_location']
  return typeof at === 'number' && Number.isSafeInteger(at) ? at : null
}
function entriesOf(map: unknown): { key: string; value: Node }[] {
  const entries = (map as Node | undefined)?.['map']
  return Array.isArray(entries) ? (entries as { key: string; value: Node }[]) : []
}
