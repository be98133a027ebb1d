import { Type, type Static } from 'typebox'
import { exact, IdParams, LanguageMap, oneOf, text } from './common.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

/** Codes of one list into codes of another. `otherwise`: of a value that is not listed; an empty field stays empty. */
export const CodeMap = exact({
  pairs: Type.Array(exact({ from: text(255), to: text(255) }), { minItems: 1, maxItems: 1000 }),
  /** `refuse`: the reading ends and names the column. */
  otherwise: oneOf('refuse', 'keep', 'null'),
})
export type CodeMap = Static<typeof CodeMap>

/** The same text in every row. */
export const Constant = exact({ type: oneOf('text', 'numeric', 'date'), value: text(255) })
export type Constant = Static<typeof Constant>

/** A column of the receiving table: a granted item under a name of its own, its codes translated, or a constant. */
export const ColumnMapping = exact({
  as: Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }),
  item: Type.Optional(text(64, 1)),
  codes: Type.Optional(CodeMap),
  constant: Type.Optional(Constant),
})
export type ColumnMapping = Static<typeof ColumnMapping>

export const Mapping = Type.Array(ColumnMapping, { minItems: 1, maxItems: 1600 })

/** A column as a channel brings it. */
export const ChannelColumn = exact({
  item: Type.String(),
  field: Type.String(),
  as: Type.String(),
  type: Type.String(),
  codes: Type.Optional(CodeMap),
  /** In place of the item's value. */
  constant: Type.Optional(Type.String()),
})

/** What a grant lets out of its mounted table: what a mapping can choose from. */
export const readColumns = endpoint({
  id: 'exchange.channel.columns',
  method: 'GET',
  path: '/api/v1/grants/:id/columns',
  access: 'request.configure',
  words: words('查看可映射的信息项', 'Columns that can be mapped'),
  params: IdParams,
  reply: exact({
    columns: Type.Array(
      exact({
        item: Type.String(),
        name: LanguageMap(128),
        type: Type.String(),
        masked: Type.Boolean(),
        /** Part of the key: it travels, and its codes only one to one. */
        key: Type.Boolean(),
        /** The rows of the grant are chosen by it: it travels. */
        filters: Type.Boolean(),
      }),
    ),
  }),
  errors: ['object.not_found', 'object.state', 'grant.inactive', 'source.changed'],
})
