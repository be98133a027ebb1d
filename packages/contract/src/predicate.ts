import { Type } from 'typebox'
import { exact, oneOf, text } from './common.ts'

const Value = exact({ type: oneOf('text', 'integer', 'decimal', 'date', 'timestamp', 'boolean'), value: text(1000) })
const field = Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' })

const Leaf = Type.Union([
  exact({ op: oneOf('true', 'false') }),
  exact({ op: oneOf('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'startsWith'), field, value: Value }),
  exact({ op: Type.Literal('in'), field, values: Type.Array(Value, { minItems: 1, maxItems: 1000 }) }),
  exact({ op: Type.Literal('isNull'), field }),
])
const level = <T extends typeof Leaf>(inner: T) =>
  Type.Union([
    Leaf,
    exact({ op: oneOf('and', 'or'), args: Type.Array(inner, { minItems: 1, maxItems: 50 }) }),
    exact({ op: Type.Literal('not'), arg: inner }),
  ])
const One = level(Leaf)

/** A typed row filter over items of a dataset, as it travels: two levels of `and`, `or`, `not` over comparisons. */
export const Predicate = level(One as unknown as typeof Leaf)
