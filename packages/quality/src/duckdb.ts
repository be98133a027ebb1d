import { patternRe2 } from './pattern.ts'
import { areDisjoint, ASCII, patternShape, searchNeeds, type PatternShape } from './pattern-shape.ts'
import { dateIn, numberLiteral, numberSql, quoted, text } from './duckdb-text.ts'
import { creditCheck, idCheck, idPart, organisationCheck } from './duckdb-checks.ts'
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
/**
 * Joins come after all that can be computed without them: what has been joined is no plain vector any more, and each
 * expression over it costs twice.
 */
const JOINS_LEVEL = 20
/** Beyond this a list is joined; within, it is looked up once per entry of a column's dictionary. */
const LIST_MAX = 200
const LENGTH_MAX = 2_147_483_647
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
  /** Names of joins by what they join on what. */
  readonly #joins = new Map<string, string>()
  /** Columns of which it is asked anyway whether the whole value has a form: where it has, other questions are answered. */
  readonly #forms: ReadonlyMap<string, string>

  /** `whole` is the SQL name of the table all of whose rows count for uniqueness; `relations` those of other tables. */
  constructor(given: {
    columns: Columns
    scope: Scope
    whole: string
    relations: Readonly<Record<string, string>>
    setup: Setup
    /** What will be written: what one predicate tells makes another cheaper. */
    predicates?: readonly Predicate[]
  }) {
    this.#columns = given.columns
    this.#scope = given.scope
    this.#whole = given.whole
    this.#relations = given.relations
    this.#setup = given.setup
    this.#forms = new Map((given.predicates ?? []).flatMap(formsIn))
  }

  /** The layers over a relation, as something to select from. */
  from(relation: string): string {
    return this.#layers.reduce((inner, { columns, joins }) => {
      if (columns.length + joins.length === 0) return inner
      const added = columns.map((one) => `, ${one}`).join('')
      return `(SELECT q.*${added} FROM ${inner} q${joins.map((one) => ` ${one}`).join('')})`
    }, relation)
  }

  predicate(p: Predicate): Piece {
    switch (p.p) {
      case 'and':
      case 'or':
        return this.#joined(
          (p.p === 'or' ? matchesMerged(p.args) : p.args).map((one) => this.predicate(one)),
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
        const tells = (shape: PatternShape) =>
          shape.min > 0 && areDisjoint(shape.characters, SPACE_RANGES) ? false : null
        return this.#unlessKnown(p.of, tells, is(blankSql(of.sql), of))
      }
      case 'matches':
        return this.#matches(this.#text(p.of), p)
      case 'length': {
        const of = this.#text(p.of)
        const [min, max] = [p.min ?? 0, p.max ?? LENGTH_MAX]
        const tells = (shape: PatternShape) => (shape.min >= min && (shape.max ?? Infinity) <= max ? true : null)
        const count = (sql: string) => `coalesce(${sql} BETWEEN ${min} AND ${max}, false)`
        if (this.#known(p.of, tells) !== null) return this.#unlessKnown(p.of, tells, is(count(`length(${of.sql})`), of))
        const length = this.share({ ...of, sql: `length(${of.sql})`, as: 'integer' })
        return is(count(length.sql), length)
      }
      case 'in':
        return this.#in(this.#text(p.of), p.values)
      case 'compare':
        return this.#compare(p)
      case 'idCheck':
        return idCheck(this, this.#text(p.of))
      case 'creditCheck':
        return creditCheck(this, this.#text(p.of))
      case 'organisationCheck':
        return organisationCheck(this, this.#text(p.of))
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
      case 'duplicated':
        return this.#exists(this.#filled(p.columns), this.#duplicates(p.columns))
      case 'varies':
        return this.#exists(
          p.columns.map((one) => this.#text({ v: 'column', column: one })),
          this.#varying(p.columns, p.of),
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
        return dateIn(this, this.#asText(of), v.forms)
      }
      case 'number': {
        const of = this.value(v.of)
        if (of.as === 'integer' || of.as === 'decimal') return of
        if (of.as === 'float') return { ...of, sql: `CASE WHEN isfinite(${of.sql}) THEN ${of.sql} END` }
        const source = this.#asText(of)
        return this.share({ ...source, sql: numberSql(source.sql), as: 'decimal' })
      }
      case 'idPart':
        return idPart(this, this.#text(v.of), v.part)
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

  #matches(of: Piece, p: Merged): Piece {
    if (p.at === undefined)
      return this.share(is(`coalesce(regexp_full_match(${of.sql}, ${text(patternRe2(p.pattern))}), false)`, of))
    const parts = [{ pattern: p.pattern, at: p.at }, ...(p.or ?? [])]
    const anchored = parts.map(
      (one) => `${one.at === 'start' ? '^' : ''}(?:${patternRe2(one.pattern)})${one.at === 'end' ? '$' : ''}`,
    )
    const matches = `coalesce(regexp_matches(${of.sql}, ${text(anchored.join('|'))}), false)`
    const needs = parts.map((one) => searchNeeds(one.pattern))
    const isWithout = (characters: PatternShape['characters']) =>
      needs.every((one) => one !== null && areDisjoint(one, characters))
    const sieved = isWithout(ASCII)
      ? `CASE WHEN strlen(${of.sql}) <> length(${of.sql}) THEN ${matches} ELSE false END`
      : matches
    return this.#unlessKnown(p.of, (shape) => (isWithout(shape.characters) ? false : null), is(sieved, of))
  }

  /** What the form of a column tells, where it is asked for; null: nothing. */
  #known(of: Value, tells: (shape: PatternShape) => boolean | null): boolean | null {
    const pattern = of.v === 'column' && this.#columns[of.column] === 'text' ? this.#forms.get(of.column) : undefined
    return pattern === undefined ? null : tells(patternShape(pattern))
  }

  /** The piece, computed only for the rows whose form does not tell the answer. */
  #unlessKnown(of: Value, tells: (shape: PatternShape) => boolean | null, piece: Piece): Piece {
    const answer = this.#known(of, tells)
    if (answer === null || of.v !== 'column') return this.share(piece)
    const form = this.predicate({ p: 'matches', of, pattern: this.#forms.get(of.column)! })
    const level = Math.max(form.level, piece.level)
    return this.share({ sql: `CASE WHEN ${form.sql} THEN ${answer} ELSE ${piece.sql} END`, level, as: 'boolean' })
  }

  #in(of: Piece, values: readonly string[]): Piece {
    if (values.length > LIST_MAX) return this.#exists([of], this.#listed(values))
    // A column of the first layer, where the entries of a dictionary are still looked up once each.
    return this.share(is(`coalesce(list_contains([${values.map(text).join(', ')}], ${of.sql}), false)`, of))
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

  #exists(of: readonly Piece[], table: string): Piece {
    const { '#hit': hit } = this.lookUp(of, table, ['#hit'])
    return this.share({ ...hit!, sql: `(${hit!.sql} IS NOT NULL)`, as: 'boolean' })
  }

  /** Joins the table whose columns `#k1` … are the key, each key once, and gives the columns named; NULL where there is none. */
  lookUp(of: readonly Piece[], table: string, columns: readonly string[]): Record<string, Piece> {
    const level = Math.max(JOINS_LEVEL, ...of.map((one) => one.level))
    const layer = this.#layer(level)
    const on = of.map((one, at) => `"#j".${quoted(`#k${at + 1}`)} = ${one.sql}`).join(' AND ')
    const key = `${level} ${table} ${on}`
    const alias = this.#joins.get(key) ?? quoted(`#j${this.#joins.size + 1}`)
    if (!this.#joins.has(key)) layer.joins.push(`LEFT JOIN ${table} ${alias} ON ${on.replaceAll('"#j".', `${alias}.`)}`)
    this.#joins.set(key, alias)
    return Object.fromEntries(
      columns.map((name) => [name, this.share({ sql: `${alias}.${quoted(name)}`, level, as: 'integer' })]),
    )
  }

  /** The name of a temporary table that holds what the query gives; made once. */
  made(query: string): string {
    const known = this.#setup.made.get(query)
    if (known) return known
    const name = quoted(`#set${this.#setup.made.size + 1}`)
    this.#setup.made.set(query, name)
    this.#setup.statements.push(`CREATE TEMP TABLE ${name} AS ${query}`)
    return name
  }

  #listed(values: readonly string[]): string {
    return this.made(`SELECT DISTINCT unnest([${values.map(text).join(', ')}]) AS "#k1", true AS "#hit"`)
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
    return this.made(
      `SELECT DISTINCT ${named.join(', ')}, true AS "#hit" FROM ${from} q WHERE ${conditions.join(' AND ')}`,
    )
  }

  #repeats(columns: readonly string[]): string {
    return this.#grouped(columns, columns, 'count(*) > 1')
  }

  /** Values as texts in which nothing is the empty text. */
  #filled(columns: readonly string[]): Piece[] {
    return columns.map((one) => {
      const of = this.#text({ v: 'column', column: one })
      return { ...of, sql: `coalesce(${of.sql}, '')` }
    })
  }

  #duplicates(columns: readonly string[]): string {
    const named = this.#filled(columns).map((one, at) => `${one.sql} AS ${quoted(`#k${at + 1}`)}`)
    return this.made(
      `SELECT ${named.join(', ')}, true AS "#hit" FROM ${this.#whole} q GROUP BY ${placesOf(columns)} HAVING count(*) > 1`,
    )
  }

  #varying(columns: readonly string[], of: readonly string[]): string {
    const differs = of.map((one) => {
      const { sql } = this.#text({ v: 'column', column: one })
      return `min(${sql}) <> max(${sql})`
    })
    return this.#grouped(columns, [...columns, ...of], differs.join(' OR '))
  }

  /** The values of some columns, each once, of the rows that hold something in all that must be there. */
  #grouped(columns: readonly string[], there: readonly string[], having: string): string {
    const keys = columns.map((one) => this.#text({ v: 'column', column: one }))
    const named = keys.map((one, at) => `${one.sql} AS ${quoted(`#k${at + 1}`)}`)
    const present = there.map((one) => `${this.#text({ v: 'column', column: one }).sql} <> ''`)
    return this.made(
      `SELECT ${named.join(', ')}, true AS "#hit" FROM ${this.#whole} q WHERE ${present.join(' AND ')} GROUP BY ${placesOf(columns)} HAVING ${having}`,
    )
  }
}

/** `1, 2, …`: the first columns of a selection, to group by. */
const placesOf = (columns: readonly string[]): string => columns.map((_one, at) => at + 1).join(', ')
const is = (sql: string, of: Piece): Piece => ({ sql, level: of.level, as: 'boolean' })

/** Columns whose whole value is asked to have a form somewhere in a predicate, with the pattern. */
function formsIn(p: Predicate): (readonly [column: string, pattern: string])[] {
  if (p.p === 'and' || p.p === 'or') return p.args.flatMap(formsIn)
  if (p.p === 'not') return formsIn(p.arg)
  return p.p === 'matches' && p.at === undefined && p.of.v === 'column' ? [[p.of.column, p.pattern]] : []
}

type Matches = Extract<Predicate, { p: 'matches' }>
/** A match whose alternatives on the same value are asked for with it. */
type Merged = Matches & { readonly or?: readonly { readonly pattern: string; readonly at: Place }[] }
type Place = NonNullable<Matches['at']>

/** Searches in one value, of which any will do, become one search. */
function matchesMerged(args: readonly Predicate[]): readonly Predicate[] {
  const merged: (Predicate | Merged)[] = []
  for (const one of args.flatMap((arg) => (arg.p === 'or' ? arg.args : [arg]))) {
    const at = merged.findIndex((other) => canMerge(one) && canMerge(other) && isSame(one.of, other.of))
    if (at < 0) merged.push(one)
    else {
      const [{ pattern, at: where }, first] = [one as Matches, merged[at] as Merged]
      merged[at] = { ...first, or: [...(first.or ?? []), { pattern, at: where! }] }
    }
  }
  return merged
}

const canMerge = (p: Predicate): p is Matches => p.p === 'matches' && p.at !== undefined
const isSame = (left: Value, right: Value): boolean => JSON.stringify(left) === JSON.stringify(right)

/** Most values begin with a printing character of ASCII or an ideograph, and are not blank by that alone. */
function blankSql(x: string): string {
  const begins = `(${x} >= '!' AND ${x} < chr(127)) OR (${x} >= '㐀' AND ${x} < 'ꀀ')`
  return `CASE WHEN ${begins} THEN false ELSE ${x} IS NULL OR NOT regexp_matches(${x}, '[^${SPACES}]') END`
}
