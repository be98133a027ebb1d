import { patternRe2 } from './pattern.ts'
import { dateSql, numberLiteral, numberSql, quoted, text } from './duckdb-text.ts'
import { creditCheckSteps, idCheckSteps, type Steps } from './duckdb-checks.ts'
import type { Comparison, Predicate, Value, Within } from './predicate.ts'
import type { Scope } from './rule.ts'
import { SPACE_RANGES, type ColumnClass, type Columns } from './table.ts'

/** SQL over the columns of a layer: layer 0 is the table, each further one adds columns computed from the one before. */
export interface Piece {
  readonly sql: string
  readonly level: number
  readonly as: ColumnClass
}

interface Layer {
  readonly columns: string[]
  readonly joins: string[]
}

/** Statements that must run before, and the tables that they make, shared by the writers of one plan. */
export interface Setup {
  readonly statements: string[]
  /** Names of made tables by what they hold. */
  readonly made: Map<string, string>
}

const OPERATORS: Readonly<Record<Comparison, string>> = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' }
/** Beyond this a list is joined; within, it is looked up once per entry of a column's dictionary. */
const LIST_MAX = 200
const SPACES = SPACE_RANGES.map(([low, high]) => `\\x{${low.toString(16)}}-\\x{${high.toString(16)}}`).join('')

/**
 * Writes predicates of one table as DuckDB SQL. DuckDB shares no sub-expressions inside filters, so whatever is dear or
 * used twice becomes a column of a layer, and is computed once. Every predicate is true or false, never NULL.
 */
export class DuckDbWriter {
  readonly #columns: Columns
  readonly #scope: Scope
  readonly #relations: Readonly<Record<string, string>>
  readonly #whole: string
  readonly #setup: Setup
  readonly #layers: Layer[] = []
  readonly #shared = new Map<string, Piece>()

  /** `whole` is the SQL name of the table all of whose rows count for uniqueness; `relations` those of other tables. */
  constructor(given: {
    columns: Columns
    scope: Scope
    whole: string
    relations: Readonly<Record<string, string>>
    setup: Setup
  }) {
    this.#columns = given.columns
    this.#scope = given.scope
    this.#whole = given.whole
    this.#relations = given.relations
    this.#setup = given.setup
  }

  /** The layers over a relation, as something to select from. */
  from(relation: string): string {
    return this.#layers.reduce((inner, { columns, joins }) => {
      const added = columns.map((one) => `, ${one}`).join('')
      return `(SELECT q.*${added} FROM ${inner} q${joins.map((one) => ` ${one}`).join('')})`
    }, relation)
  }

  predicate(p: Predicate): Piece {
    switch (p.p) {
      case 'and':
      case 'or':
        return this.#joined(
          p.args.map((one) => this.predicate(one)),
          p.p,
        )
      case 'not': {
        const inner = this.predicate(p.arg)
        return { ...inner, sql: `(NOT ${inner.sql})` }
      }
      case 'missing':
      case 'unknown': {
        const of = this.value(p.of)
        return is(of.as === 'text' ? `(${of.sql} IS NULL OR ${of.sql} = '')` : `(${of.sql} IS NULL)`, of)
      }
      case 'blank': {
        const of = this.value(p.of)
        if (of.as !== 'text') return is(`(${of.sql} IS NULL)`, of)
        return this.share(is(`(${of.sql} IS NULL OR NOT regexp_matches(${of.sql}, '[^${SPACES}]'))`, of))
      }
      case 'matches':
        return this.#matches(this.#text(p.of), p.pattern, p.at ?? 'whole')
      case 'length': {
        const of = this.#text(p.of)
        const count = this.share({ ...of, sql: `length(${of.sql})`, as: 'integer' })
        return is(`coalesce(${count.sql} BETWEEN ${p.min ?? 0} AND ${p.max ?? 2_147_483_647}, false)`, count)
      }
      case 'in':
        return this.#in(this.#text(p.of), p.values)
      case 'compare':
        return this.#compare(p)
      case 'idCheck':
        return this.#steps(idCheckSteps, p.of)
      case 'creditCheck':
        return this.#steps(creditCheckSteps, p.of)
      case 'exists':
        return this.#exists(
          p.of.map((one) => this.#text(one)),
          this.#keyed(p.within),
        )
      case 'repeated':
        return this.#exists(
          p.columns.map((one) => this.#text({ v: 'column', column: one })),
          this.#repeats(p.columns),
        )
    }
  }

  value(v: Value): Piece {
    switch (v.v) {
      case 'column':
        return { sql: quoted(v.column), level: 0, as: this.#columns[v.column]! }
      case 'literal':
        if (v.as === 'date') return { sql: `DATE ${text(v.value)}`, level: 0, as: 'date' }
        return {
          sql: v.as === 'number' ? numberLiteral(v.value) : text(v.value),
          level: 0,
          as: v.as === 'number' ? 'decimal' : 'text',
        }
      case 'date': {
        const of = this.value(v.of)
        if (of.as === 'date') return of
        if (of.as === 'timestamp') return { ...of, sql: `CAST(${of.sql} AS DATE)`, as: 'date' }
        const source = this.#asText(of)
        return this.share({ ...source, sql: dateSql(source.sql, v.forms), as: 'date' })
      }
      case 'number': {
        const of = this.value(v.of)
        if (of.as === 'integer' || of.as === 'decimal') return of
        if (of.as === 'float') return { ...of, sql: `CASE WHEN isfinite(${of.sql}) THEN ${of.sql} END` }
        const source = this.#asText(of)
        return this.share({ ...source, sql: numberSql(source.sql), as: 'decimal' })
      }
      case 'slice': {
        const of = this.#text(v.of)
        return { ...of, sql: `substring(${of.sql}, ${v.from}, ${v.length})` }
      }
      case 'map': {
        const of = this.#text(v.of)
        const pairs = v.pairs.map(([from, to]) => `WHEN ${text(from)} THEN ${text(to)}`)
        return this.share({ ...of, sql: `CASE ${of.sql} ${pairs.join(' ')} END` })
      }
      case 'when': {
        const [condition, then] = [this.predicate(v.if), this.value(v.value)]
        const level = Math.max(condition.level, then.level)
        return this.share({ sql: `CASE WHEN ${condition.sql} THEN ${then.sql} END`, level, as: then.as })
      }
    }
  }

  /** Makes the piece a column of its layer, unless it is one already. */
  share(piece: Piece): Piece {
    const key = `${piece.level} ${piece.sql}`
    const known = this.#shared.get(key)
    if (known) return known
    const name = quoted(`#${this.#shared.size + 1}`)
    this.#layer(piece.level).columns.push(`${piece.sql} AS ${name}`)
    const shared = { sql: name, level: piece.level + 1, as: piece.as }
    this.#shared.set(key, shared)
    return shared
  }

  #layer(level: number): Layer {
    while (this.#layers.length <= level) this.#layers.push({ columns: [], joins: [] })
    return this.#layers[level]!
  }

  #asText(piece: Piece): Piece {
    return piece.as === 'text' ? piece : { ...piece, sql: `CAST(${piece.sql} AS VARCHAR)`, as: 'text' }
  }

  #text(v: Value): Piece {
    return this.#asText(this.value(v))
  }

  #joined(args: readonly Piece[], how: 'and' | 'or'): Piece {
    const level = Math.max(0, ...args.map((one) => one.level))
    if (args.length === 0) return { sql: how === 'and' ? 'true' : 'false', level, as: 'boolean' }
    return { sql: `(${args.map((one) => one.sql).join(how === 'and' ? ' AND ' : ' OR ')})`, level, as: 'boolean' }
  }

  #matches(of: Piece, pattern: string, at: 'whole' | 'start' | 'end' | 'any'): Piece {
    const re2 = patternRe2(pattern)
    const anchored = { whole: re2, start: `^(?:${re2})`, end: `(?:${re2})$`, any: re2 }[at]
    const call = at === 'whole' ? 'regexp_full_match' : 'regexp_matches'
    return this.share(is(`coalesce(${call}(${of.sql}, ${text(anchored)}), false)`, of))
  }

  #in(of: Piece, values: readonly string[]): Piece {
    if (values.length > LIST_MAX) return this.#exists([of], this.#listed(values))
    return is(`coalesce(list_contains([${values.map(text).join(', ')}], ${of.sql}), false)`, of)
  }

  #compare(p: Extract<Predicate, { p: 'compare' }>): Piece {
    const side = (v: Value): Piece => {
      const piece = this.value(v)
      if (p.as !== 'text' || v.v === 'literal') return piece
      return { ...piece, sql: `nullif(${this.#asText(piece).sql}, '')` }
    }
    const [left, right] = [side(p.left), side(p.right)]
    const level = Math.max(left.level, right.level)
    return { sql: `coalesce(${left.sql} ${OPERATORS[p.op]} ${right.sql}, false)`, level, as: 'boolean' }
  }

  /** Sub-expressions in order, each over the one before; the last is the answer. */
  #steps(steps: Steps, v: Value): Piece {
    const of = this.#text(v)
    const form = this.#matches(of, steps.form, 'whole')
    let last: Piece = { ...of, sql: `CASE WHEN ${form.sql} THEN ${of.sql} END`, level: form.level }
    for (const step of steps.steps) last = this.share({ ...last, sql: step(last.sql) })
    return this.share(is(`coalesce(${steps.answer(last.sql, of.sql)}, false)`, last))
  }

  #exists(of: readonly Piece[], table: string): Piece {
    const level = Math.max(...of.map((one) => one.level))
    const key = `${level} ${table} ${of.map((one) => one.sql).join()}`
    const known = this.#shared.get(key)
    if (known) return known
    const alias = quoted(`#j${this.#shared.size + 1}`)
    const name = quoted(`#${this.#shared.size + 1}`)
    const layer = this.#layer(level)
    const on = of.map((one, at) => `${alias}.${quoted(`#k${at + 1}`)} = ${one.sql}`).join(' AND ')
    layer.joins.push(`LEFT JOIN ${table} ${alias} ON ${on}`)
    layer.columns.push(`(${alias}."#hit" IS NOT NULL) AS ${name}`)
    const shared: Piece = { sql: name, level: level + 1, as: 'boolean' }
    this.#shared.set(key, shared)
    return shared
  }

  /** The name of a temporary table that holds what the query gives; made once. */
  #made(query: string): string {
    const known = this.#setup.made.get(query)
    if (known) return known
    const name = quoted(`#set${this.#setup.made.size + 1}`)
    this.#setup.made.set(query, name)
    this.#setup.statements.push(`CREATE TEMP TABLE ${name} AS ${query}`)
    return name
  }

  #listed(values: readonly string[]): string {
    return this.#made(`SELECT DISTINCT unnest([${values.map(text).join(', ')}]) AS "#k1", true AS "#hit"`)
  }

  #keyed(within: Within): string {
    if ('set' in within) return this.#listed(this.#scope.sets[within.set]!)
    const columns = this.#scope.tables[within.table]!
    const writer = new DuckDbWriter({
      columns,
      scope: this.#scope,
      whole: this.#relations[within.table]!,
      relations: this.#relations,
      setup: this.#setup,
    })
    const keys = within.columns.map((one) => writer.#text({ v: 'column', column: one }))
    const where = within.where === null ? null : writer.predicate(within.where)
    const named = keys.map((one, at) => `${one.sql} AS ${quoted(`#k${at + 1}`)}`)
    const conditions = [...keys.map((one) => `${one.sql} <> ''`), ...(where === null ? [] : [where.sql])]
    const from = writer.from(this.#relations[within.table]!)
    return this.#made(
      `SELECT DISTINCT ${named.join(', ')}, true AS "#hit" FROM ${from} q WHERE ${conditions.join(' AND ')}`,
    )
  }

  #repeats(columns: readonly string[]): string {
    const keys = columns.map((one) => this.#text({ v: 'column', column: one }))
    const named = keys.map((one, at) => `${one.sql} AS ${quoted(`#k${at + 1}`)}`)
    const present = keys.map((one) => `${one.sql} <> ''`)
    return this.#made(
      `SELECT ${named.join(', ')}, true AS "#hit" FROM ${this.#whole} q WHERE ${present.join(' AND ')} GROUP BY ${keys
        .map((_one, at) => at + 1)
        .join(', ')} HAVING count(*) > 1`,
    )
  }
}

const is = (sql: string, of: Piece): Piece => ({ sql, level: of.level, as: 'boolean' })
