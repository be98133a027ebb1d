import { Type, type TProperties } from 'typebox'

/** An object that refuses unknown keys. */
export const exact = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false })

/** One of some words. */
export const oneOf = <const T extends string>(...values: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values] })

/** Name of a column: what a lake table calls a data item. */
export const ColumnName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })
export const ColumnNames = Type.Array(ColumnName, { minItems: 1, maxItems: 8, uniqueItems: true })
/** How a suite calls another table: the code or id of its dataset. */
export const TableName = Type.String({ minLength: 1, maxLength: 200 })
