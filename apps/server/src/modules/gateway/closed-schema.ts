import type { Place } from '@huitong/contract'
import type { JsonSchema } from '@huitong/contract/gateway'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { place } from '../../kernel/errors.ts'

const DEPTH_MAX = 8
const NODES_MAX = 500
const SCALARS = ['string', 'integer', 'number', 'boolean'] as const
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['enum', 'minLength', 'maxLength'],
  integer: ['minimum', 'maximum'],
  number: ['minimum', 'maximum'],
  boolean: [],
}
const COMMON = new Set(['type', 'title', 'description', 'additionalProperties'])

/** Finds what makes a schema more than a closed one; what is answered are the places with words. */
export function faultsOfSchema(schema: unknown, path: string): Place[] {
  const places: Place[] = []
  let nodes = 0
  const wrong = (at: string, zh: string, en: string) => void places.push(place(at, zh, en))
  const look = (given: unknown, at: string, depth: number): void => {
    if (++nodes > NODES_MAX || depth > DEPTH_MAX) return wrong(at, '结构过大或嵌套过深', 'too large or nested too deep')
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      return wrong(at, '应为对象', 'must be an object')
    const schema = given as Record<string, unknown>
    const type = typeOf(schema['type'])
    if (type === null) return wrong(`${at}/type`, '类型应为 object、array 或简单类型', 'object, array or a plain type')
    for (const name of Object.keys(schema))
      if (!COMMON.has(name) && !KEYWORDS[type]!.includes(name))
        wrong(`${at}/${name}`, '不支持的关键字', 'not supported')
    if ('additionalProperties' in schema && schema['additionalProperties'] !== false)
      wrong(`${at}/additionalProperties`, '只能为 false', 'false only')
    if (!boundsAreNumbers(schema)) wrong(at, '长度和范围应为数字', 'lengths and bounds must be numbers')
    if (type === 'array') look(schema['items'], `${at}/items`, depth + 1)
    if (type !== 'object') return
    const properties = schema['properties']
    if (typeof properties !== 'object' || properties === null) return wrong(`${at}/properties`, '必填', 'required')
    const required = schema['required'] ?? []
    if (!Array.isArray(required) || required.some((one) => !Object.hasOwn(properties, one as string)))
      wrong(`${at}/required`, '应为 properties 中的名称', 'names of properties')
    for (const [name, one] of Object.entries(properties)) look(one, `${at}/properties/${name}`, depth + 1)
  }
  look(schema, path, 0)
  return places.slice(0, 20)
}

const boundsAreNumbers = (schema: Record<string, unknown>): boolean =>
  ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum'].every(
    (name) => !(name in schema) || typeof schema[name] === 'number',
  )

/** The one type of a schema; with `null` beside it the value may be missing. */
function typeOf(given: unknown): string | null {
  const types = Array.isArray(given) ? given.filter((one) => one !== 'null') : [given]
  const [type] = types
  const known = type === 'object' || type === 'array' || (SCALARS as readonly unknown[]).includes(type)
  return types.length === 1 && known ? (type as string) : null
}

/** A check of values against a closed schema, made once. Objects have no properties but those that are named. */
export function compileClosed(schema: JsonSchema): (value: unknown) => boolean {
  const validator = Compile(close(schema) as TSchema) // plain JSON Schema is what it compiles
  return (value) => validator.Check(value)
}

function close(given: unknown): unknown {
  const schema = given as Record<string, unknown>
  if (typeOf(schema['type']) === 'array') return { ...schema, items: close(schema['items']) }
  if (typeOf(schema['type']) !== 'object') return schema
  const properties = Object.entries(schema['properties'] as object).map(([name, one]) => [name, close(one)] as const)
  return { ...schema, properties: Object.fromEntries(properties), additionalProperties: false }
}
