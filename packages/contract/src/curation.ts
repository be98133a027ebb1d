import { Type } from 'typebox'
import { exact, IdParams, nullable, oneOf, text, Uuid } from './common.ts'
import { DatasetContent, DatasetDetail, MountedConvention } from './catalogue.ts'
import { endpoint } from './endpoint.ts'
import { words } from './words.ts'

export const draftFromTable = endpoint({
  id: 'curation.draft.suggest',
  method: 'POST',
  path: '/api/v1/dataset-suggestions',
  access: 'dataset.compile',
  words: words('由库表生成目录草稿建议', 'Suggest a dataset draft from a discovered table'),
  body: exact({ tableId: Uuid }),
  reply: exact({
    content: DatasetContent,
    mapping: Type.Array(exact({ item: Type.String(), field: Type.String() })),
    convention: nullable(MountedConvention),
  }),
  errors: ['object.not_found'],
})
export const mountDataset = endpoint({
  id: 'curation.distribution.mount',
  method: 'PUT',
  path: '/api/v1/datasets/:id/mounting',
  access: 'dataset.mount',
  words: words('挂接库表到目录', 'Mount a table to a dataset'),
  params: IdParams,
  body: exact({
    tableId: Uuid,
    mapping: Type.Array(exact({ item: text(63, 1), field: text(255, 1) }), { minItems: 1, maxItems: 1600 }),
    /** The technical fields by which the table tells what changed. */
    convention: Type.Optional(nullable(MountedConvention)),
  }),
  reply: DatasetDetail,
  errors: ['source.consent', 'object.not_found', 'object.state', 'request.invalid'],
})

/** Kinds of databases that a front table can be made in; `mysql` is MariaDB too. */
/** The last four are written and not verified: there was no such server. */
export const FrontKind = oneOf('postgresql', 'mysql', 'oracle', 'sqlserver', 'dameng', 'kingbase')

/** The script by which a department makes the table that it pushes a dataset into (前置推送库). */
export const readFrontTable = endpoint({
  id: 'curation.front_table.read',
  method: 'GET',
  path: '/api/v1/datasets/:id/front-table',
  access: 'dataset.mount',
  words: words('前置库建表脚本', 'Script of a front table'),
  params: IdParams,
  query: exact({ kind: FrontKind, table: Type.String({ pattern: '^[a-z][a-z0-9_]{0,40}$' }) }),
  reply: exact({ kind: Type.String(), table: Type.String(), script: Type.String() }),
  errors: ['object.not_found', 'object.state'],
})

export const curationEndpoints = [draftFromTable, mountDataset, readFrontTable] as const
