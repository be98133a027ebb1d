import type { Place } from '@huitong/contract'
import { and, isLiteral, type Predicate, type Value } from '@huitong/policy'
import { parseColumnType } from '@huitong/segment'
import { place, refuse } from '../../kernel/errors.ts'
import type { KnownService, Opening } from './registry.ts'

/** Parameters that are no items; an item of the same name is asked for with its operator (`limit.eq`). */
const RESERVED = new Set(['items', 'limit', 'after', 'format'])
const LIMIT_DEFAULT = 50
export const LIMIT_MAX = 200
const IN_MAX = 200

export const OPERATORS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'startsWith', 'isNull'] as const
type Operator = (typeof OPERATORS)[number]

export type Query = Readonly<Record<string, string>>

/** What an opening offers to one who calls: granted items, and of these the masked ones. */
export interface Offer {
  readonly items: ReadonlySet<string>
  readonly masked: ReadonlySet<string>
  readonly types: ReadonlyMap<string, Value['type']>
  /** Items of the key when one row may be asked for by it: all of them granted, none masked; else null. */
  readonly key: readonly string[] | null
}

/** Types as the policy compares them. */
function valueType(type: string): Value['type'] {
  switch (parseColumnType(type).name) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return 'integer'
    case 'numeric':
    case 'real':
    case 'double':
      return 'decimal'
    case 'date':
      return 'date'
    case 'timestamp':
    case 'timestamptz':
      return 'timestamp'
    case 'boolean':
      return 'boolean'
    default:
      return 'text'
  }
}

const offers = new WeakMap<Opening, Offer>()

/** An opening belongs to one service as it was read, so that its offer is worked out once. */
export function offerOf(service: KnownService, opening: Opening): Offer {
  const known = offers.get(opening) ?? makeOffer(service, opening)
  offers.set(opening, known)
  return known
}

function makeOffer(service: KnownService, { grant }: Opening): Offer {
  const items = new Set(grant.items.filter((item) => service.columns.has(item)))
  const masked = new Set(grant.masks.map((one) => one.item))
  const isOpen = (item: string) => items.has(item) && !masked.has(item)
  return {
    items,
    masked,
    types: new Map([...items].map((item) => [item, valueType(service.columns.get(item)!.type)])),
    key: service.key.length > 0 && service.key.every(isOpen) ? service.key : null,
  }
}

const at = (name: string) => `#/query/${name}`

/** The items asked for, null for all that are granted. Every item that is not granted is named. */
export function itemsAsked(query: Query, offer: Offer): string[] | null {
  const text = query['items']
  if (text === undefined) return null
  const items = text.split(',')
  requireItems(items, offer, () => at('items'))
  return items
}

export function requireItems(items: readonly string[], offer: Offer, pathOf: (index: number) => string): void {
  const foreign = items.flatMap((item, index) =>
    offer.items.has(item)
      ? []
      : [place(pathOf(index), `信息项 ${shown(item)} 不在授权之内`, `item ${shown(item)} is not granted`)],
  )
  if (foreign.length > 0) refuse('service.item_not_granted', { places: foreign })
  const repeated = items.flatMap((item, index) =>
    items.indexOf(item) < index ? [place(pathOf(index), '信息项重复', 'named twice')] : [],
  )
  if (repeated.length > 0) refuse('request.invalid', { places: repeated })
}

/** A name that came from outside, in a sentence: what is no name is not repeated. */
const shown = (name: string) => (/^[a-z][a-z0-9_]{0,62}$/.test(name) ? name : '?')

/** Values of the key by item. Refuses what is missing, what is not of its type, and a key that the grant does not open. */
export function keyAsked(
  given: Query,
  offer: Offer,
  pathOf: (item: string) => string,
  others: ReadonlySet<string> = RESERVED,
): string[] {
  const key =
    offer.key ??
    refuse('service.item_not_granted', {
      places: [place('#/query', '授权不含主键，不能按主键查询', 'the key is not granted')],
    })
  const places = key.flatMap((item): Place[] => {
    const value = given[item]
    if (value === undefined) return [place(pathOf(item), '必填', 'required')]
    return isLiteral({ type: offer.types.get(item)!, value }) ? [] : [wrongType(pathOf(item), offer.types.get(item)!)]
  })
  const unknown = Object.keys(given).filter((name) => !key.includes(name) && !others.has(name))
  places.push(...unknown.map((name) => place(pathOf(name), '不是主键的信息项', 'not an item of the key')))
  if (places.length > 0) refuse('request.invalid', { places })
  return key.map((item) => given[item]!)
}

const wrongType = (path: string, type: Value['type']): Place =>
  place(path, `取值应为 ${type} 类型`, `must be a literal of type ${type}`)

/** The caller's own filter: it can only take rows away. Masked items cannot be probed. */
export function filterAsked(query: Query, offer: Offer): Predicate {
  const conditions: Predicate[] = []
  const places: Place[] = []
  const foreign: Place[] = []
  const masked: Place[] = []
  for (const [name, text] of Object.entries(query)) {
    if (RESERVED.has(name)) continue
    const dot = name.indexOf('.')
    const item = dot < 0 ? name : name.slice(0, dot)
    const operator = dot < 0 ? 'eq' : name.slice(dot + 1)
    if (!offer.items.has(item)) foreign.push(place(at(name), '信息项不在授权之内', 'the item is not granted'))
    else if (offer.masked.has(item)) masked.push(place(at(name), '脱敏的信息项不能作为条件', 'a masked item'))
    else if (!isOperator(operator))
      places.push(place(at(name), `运算应为：${OPERATORS.join('、')}`, `one of: ${OPERATORS.join(', ')}`))
    else conditions.push(...conditionOf({ name, item, operator, text }, offer.types.get(item)!, places))
  }
  if (foreign.length > 0) refuse('service.item_not_granted', { places: foreign })
  if (masked.length > 0) refuse('service.item_masked', { places: masked })
  if (places.length > 0) refuse('request.invalid', { places })
  return and(...conditions)
}

const isOperator = (text: string): text is Operator => (OPERATORS as readonly string[]).includes(text)

function conditionOf(
  given: { name: string; item: string; operator: Operator; text: string },
  type: Value['type'],
  places: Place[],
): Predicate[] {
  const { name, item: field, operator, text } = given
  const literal = (value: string): Value[] => {
    if (isLiteral({ type, value })) return [{ type, value }]
    places.push(wrongType(at(name), type))
    return []
  }
  switch (operator) {
    case 'isNull': {
      if (text !== 'true' && text !== 'false') {
        places.push(place(at(name), '取值应为 true 或 false', 'true or false'))
        return []
      }
      const isNull: Predicate = { op: 'isNull', field }
      return [text === 'true' ? isNull : { op: 'not', arg: isNull }]
    }
    case 'in': {
      const texts = text.split(',')
      if (texts.length > IN_MAX) {
        places.push(place(at(name), `不得超过 ${IN_MAX} 个取值`, `at most ${IN_MAX} values`))
        return []
      }
      return [{ op: 'in', field, values: texts.flatMap(literal) }]
    }
    case 'startsWith':
      if (type === 'text') return [{ op: 'startsWith', field, value: { type, value: text } }]
      places.push(place(at(name), '只有文本可以按前缀查询', 'texts only'))
      return []
    default:
      return literal(text).map((value) => ({ op: operator, field, value }))
  }
}

export function limitAsked(query: Query): number {
  const text = query['limit']
  if (text === undefined) return LIMIT_DEFAULT
  const limit = Number(text)
  if (/^[1-9]\d{0,2}$/.test(text) && limit <= LIMIT_MAX) return limit
  return refuse('request.invalid', { places: [place(at('limit'), `应为 1 至 ${LIMIT_MAX}`, `1 to ${LIMIT_MAX}`)] })
}
