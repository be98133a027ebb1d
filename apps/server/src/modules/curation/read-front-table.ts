import type { DatasetContent } from '@huitong/contract/catalogue'
import { readFrontTable } from '@huitong/contract/curation'
import { type FrontColumn, type FrontKind, type FrontTable, frontTableSql, TECHNICAL_NAMES } from '@huitong/connectors'
import { place, refuse } from '../../kernel/errors.ts'
import { query } from '../../kernel/verb.ts'
import { datasetDetail } from '../catalogue/index.ts'

/** The script of a front table with the items of a dataset, in the words of a kind of database. */
export const readFrontTableVerb = query<typeof readFrontTable>({
  endpoint: readFrontTable,
  audit: null,
  async run({ db, actor }, { params, query: asked }) {
    const { content } = await datasetDetail(db, actor, params.id)
    const items = content.items ?? []
    if (items.length === 0)
      refuse('object.state', { places: [place('/items', '目录还没有信息项', 'the dataset has no items yet')] })
    const taken = items.findIndex(({ code }) => TECHNICAL_NAMES.includes(code))
    if (taken >= 0)
      refuse('object.state', {
        places: [
          place(`/items/${taken}/code`, '与前置库的技术字段同名', 'has the name of a technical field of front tables'),
        ],
      })
    const table = { name: asked.table, comment: content.name.zh, columns: items.map(columnOf) }
    return { kind: asked.kind, table: asked.table, script: scriptOf(asked.kind, table) }
  },
})

function scriptOf(kind: FrontKind, table: FrontTable): string {
  try {
    return frontTableSql(kind, table)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const zh = '主键的信息项缺失、没有登记长度或过长，或名称含控制字符，不能建成该种数据库的表'
    refuse('object.state', {
      places: [place('/items', zh, `this kind of database cannot hold the key: ${error.message}`)],
    })
  }
}

const columnOf = (item: NonNullable<DatasetContent['items']>[number]): FrontColumn => ({
  name: item.code,
  type: item.type ?? 'text',
  length: item.length ?? null,
  nullable: item.nullable ?? true,
  key: item.key ?? false,
  comment: item.name.zh,
})
