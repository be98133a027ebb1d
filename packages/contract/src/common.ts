import { Type, type TProperties, type TSchema } from 'typebox'

/** An object that refuses unknown keys. */
export const exact = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false })

/** One of some words. */
export const oneOf = <const T extends string>(...values: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values] })

export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })
/** UTC instant, ISO 8601 with `Z`. */
export const Instant = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$' })
/** Calendar date CCYY-MM-DD that exists: 30 February is refused, 29 February only in leap years. */
export const Day = Type.String({
  pattern:
    '^(?!0000)(\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))|(\\d{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$',
})
/** 64-bit integers and counts travel as decimal strings. */
export const BigInteger = Type.String({ pattern: '^-?\\d{1,20}$' })
export const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' })
export const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', maxLength: 65536 })
/** Text without control characters (NUL in particular), trimmed by nobody. */
export const text = (maxLength: number, minLength = 0) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f]*$' })
/** Names and descriptions are language maps; zh is always there. */
export const LanguageMap = (maxLength: number) => exact({ zh: text(maxLength, 1), en: Type.Optional(text(maxLength)) })
export const DivisionCode = Type.String({ pattern: '^\\d{6}$' })

export const IdParams = exact({ id: Uuid })

/** Keyset paging: `after` is the `next` of the page before. */
export const PageQuery = {
  after: Type.Optional(text(512)),
  limit: Type.Optional(Type.String({ pattern: '^([1-9]|[1-9]\\d|1\\d\\d|200)$' })),
}
export const page = <T extends TSchema>(item: T) =>
  exact({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]) })
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** What the caller may do with an object, and why not: pages disable a forbidden action and say why. */
export const Action = exact({
  name: Type.String(),
  allowed: Type.Boolean(),
  reason: nullable(exact({ zh: Type.String(), en: Type.String() })),
})
export const Bilingual = exact({ zh: Type.String(), en: Type.String() })
