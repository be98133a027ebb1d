import { Type, type Static } from 'typebox'
import { exact, LanguageMap, nullable, oneOf } from './common.ts'

/**
 * A closed JSON Schema (2020-12): `type`, `properties`, `required`, `items`, `enum`, lengths and bounds, `title` and
 * `description`. Objects allow no other properties than they name, and nothing refers elsewhere; the server checks this.
 */
export type JsonSchema = Readonly<Record<string, unknown>>
const Schema = Type.Record(Type.String(), Type.Unknown())

/** One thing that can be asked of a proxied service. */
export const Operation = exact({
  code: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
  name: LanguageMap(128),
  method: oneOf('GET', 'POST'),
  /** Below the base address. */
  path: Type.String({ pattern: '^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$', maxLength: 500 }),
  /** Items of the dataset that its reply gives: the grant must hold all of them. */
  items: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }), {
    minItems: 1,
    maxItems: 1600,
    uniqueItems: true,
  }),
  parameters: Type.Array(
    exact({
      name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,62}$' }),
      type: oneOf('text', 'integer', 'decimal', 'date', 'boolean'),
      required: Type.Boolean(),
      lengthMax: Type.Integer({ minimum: 1, maximum: 2000 }),
    }),
    { maxItems: 50 },
  ),
  /** Of the body that a POST takes; null for a GET. */
  body: nullable(Schema),
  reply: Schema,
  /** How long a reply may be given again to the same question; 0: never. */
  cacheSeconds: Type.Integer({ minimum: 0, maximum: 3600 }),
})
export type Operation = Static<typeof Operation>
