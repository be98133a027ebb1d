import type { TableName } from '../../connector.ts'
import type { QueryEvent } from './event.ts'

/**
 * What a statement of the log means for a table: nothing that rows would not tell, all rows gone, another table under its
 * name, or rows changed that the log does not hold.
 */
export type StatementEffect = 'none' | 'truncated' | 'replaced' | 'unlogged'

interface Token {
  readonly text: string
  readonly kind: 'name' | 'quoted' | 'mark'
}

const TOKENS =
  /\/\*!\d*|\/\*M!\d*|\/\*[\s\S]*?\*\/|--[ \t\n][^\n]*|#[^\n]*|`(?:[^`]|``)*`|"(?:[^"\\]|""|\\.)*"|'(?:[^'\\]|''|\\.)*'|[\p{L}\p{N}_$]+|\S/gu
/** Rows that come, go or change with a partition or a file, of which the log has only the statement. */
const PARTITIONS = /\b(truncate|drop|exchange|import|discard|convert) partition\b|\b(discard|import) tablespace\b/
const CASCADES = /\bon (delete|update) (cascade|set (null|default))\b/

/** Judges a statement; text in which it merely stands as a value says nothing. */
export function effectOf({ schema, text }: QueryEvent, table: TableName): StatementEffect {
  const tokens = afterPrefix(tokensOf(text))
  const words = tokens.filter(({ kind }) => kind === 'name').map((token) => token.text)
  const places = tokens.flatMap((_token, i) => (isTable(tokens, i, schema, table) ? [i] : []))
  const [first = '', second = ''] = words
  const isSchema = first === 'drop' && ['database', 'schema'].includes(second)
  if (isSchema) return tokens.some(({ text: name }) => same(name, table.schema)) ? 'replaced' : 'none'
  if (places.length === 0) return 'none'
  switch (first) {
    case 'truncate':
      return 'truncated'
    case 'drop':
      return second === 'table' || second === 'tables' ? 'replaced' : 'none'
    case 'rename':
      return ['table', 'tables'].includes(second) ? 'replaced' : 'none'
    case 'create':
      return created(tokens, places)
    case 'alter':
      return altered(tokens, places)
    case 'insert':
    case 'replace':
      return isAfter(tokens, places, ['into', 'insert', 'replace', 'ignore', 'delayed']) ? 'unlogged' : 'none'
    case 'update':
    case 'delete':
    case 'load':
    case 'with':
      return 'unlogged'
    default:
      return 'none'
  }
}

/** Whether a statement begins or ends a transaction. */
export function boundaryOf({ text }: QueryEvent): 'begin' | 'end' | 'inside' | null {
  const found =
    /^\s*(begin|start\s+transaction|xa\s+start|xa\s+end|commit|rollback(?:\s+to\b)?|savepoint|release\s+savepoint)\b/i.exec(
      text,
    )
  if (found === null) return null
  const word = found[1]!.toLowerCase().replace(/\s+/g, ' ')
  if (word === 'begin' || word === 'start transaction' || word === 'xa start') return 'begin'
  return word === 'commit' || word === 'rollback' ? 'end' : 'inside'
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (const [token] of text.matchAll(TOKENS)) {
    // What MySQL alone runs stands in a comment of its own kind; its end is a mark.
    if (token.startsWith('/*') || token.startsWith('--') || token.startsWith('#') || token.startsWith("'")) continue
    if (token.startsWith('`') || token.startsWith('"')) {
      const quote = token[0]!
      tokens.push({ text: token.slice(1, -1).replaceAll(quote + quote, quote), kind: 'quoted' })
    } else if (/^[\p{L}\p{N}_$]/u.test(token)) tokens.push({ text: token.toLowerCase(), kind: 'name' })
    else tokens.push({ text: token, kind: 'mark' })
  }
  return tokens
}

/** `SET STATEMENT … FOR` of MariaDB stands before a statement. */
function afterPrefix(tokens: Token[]): Token[] {
  if (tokens[0]?.text !== 'set' || tokens[1]?.text !== 'statement') return tokens
  return tokens.slice(tokens.findIndex(({ text }) => text === 'for') + 1)
}

const same = (left: string, right: string) => left.toLowerCase() === right.toLowerCase()

function isTable(tokens: readonly Token[], i: number, schema: string, table: TableName): boolean {
  const token = tokens[i]!
  if (token.kind === 'mark' || !same(token.text, table.name) || tokens[i + 1]?.text === '.') return false
  const isQualified = tokens[i - 1]?.text === '.'
  return same(isQualified ? (tokens[i - 2]?.text ?? '') : schema, table.schema)
}

/** Text of the tokens before a table's name, without the name of its schema. */
function before(tokens: readonly Token[], place: number): Token[] {
  const end = tokens[place - 1]?.text === '.' ? place - 2 : place
  return tokens.slice(0, end)
}

const isAfter = (tokens: readonly Token[], places: readonly number[], words: readonly string[]) =>
  places.some((place) => words.includes(before(tokens, place).at(-1)?.text ?? ''))

const textOf = (tokens: readonly Token[]) => tokens.map(({ kind, text }) => (kind === 'quoted' ? '`' : text)).join(' ')

function created(tokens: readonly Token[], places: readonly number[]): StatementEffect {
  // One that was there already is left as it is; another table may be made after the picture of this one.
  return places.some((place) => /^create (or replace )?table$/.test(textOf(before(tokens, place))))
    ? 'replaced'
    : 'none'
}

function altered(tokens: readonly Token[], places: readonly number[]): StatementEffect {
  const text = textOf(tokens)
  if (!/^alter (online )?(ignore )?table\b/.test(text)) return 'none'
  const isOurs = places.some((place) => /^alter (online )?(ignore )?table$/.test(textOf(before(tokens, place))))
  if (!isOurs) return /\b(exchange|convert) (partition|table)\b|\brename\b/.test(text) ? 'replaced' : 'none'
  if (/\brename (to|as|`|=)|\brename (?!column|index|key|constraint)/.test(text)) return 'replaced'
  return PARTITIONS.test(text) || CASCADES.test(text) ? 'unlogged' : 'none'
}
