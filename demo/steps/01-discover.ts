import { discoverSource, listSources, listTables } from '@huitong/contract/nodes'
import { VILLAGE_COLUMNS, VILLAGE_TABLE_COMMENT } from '../city/databases.ts'
import { NODES } from '../city/nodes.ts'
import { listAll } from '../city/populate.ts'
import { BENEFIT } from '../city/tables.ts'
import { faultsOf, until, type Outcome, type Step, type World } from '../run/world.ts'
import { beginTally } from './tally.ts'
import { discoverFolder, type FolderFigures } from './folder.ts'

export interface DiscoverFigures extends FolderFigures {
  tables: number
  fields: number
  fields_expected: number
  key: string[]
  suggested_names: number
  row_estimate: number
  differences: string[]
}

/** What the civil affairs department lets its agent read. */
const GRANTED_TABLES = [BENEFIT.name, 'villages']

interface Field {
  name: string
  type: string
  nullable: boolean
  comment: string | null
  suggested: string | null
}

/** The officer has the front database discovered; what is offered is compared with the database itself. */
async function run(world: World): Promise<Outcome<DiscoverFigures>> {
  await beginTally(world)
  const officer = await world.as('minzheng-officer')
  const sources = await listAll(await world.as('centre'), listSources)
  const sourceId = sources.find((one) => one.name.zh === NODES.provider.source.zh)!.id
  world.made.sourceId = sourceId
  world.made.targetId = sources.find((one) => one.name.zh === NODES.consumer.source.zh)!.id
  const before = sources.find((one) => one.id === sourceId)!.discovery?.at ?? ''
  await officer.call(discoverSource, { params: { id: sourceId } })
  await until('the discovery', async () => {
    const own = (await listAll(officer, listSources)).find((one) => one.id === sourceId)
    if (own?.discovery?.state === 'failed') throw new Error(own.discovery.problem?.en ?? 'the discovery failed')
    return own?.discovery?.state === 'done' && own.discovery.at > before && own.discovery.tables > 0
  })
  if (world.sabotage === 'discover') await comment(world, '被改动的注释')
  try {
    const { items } = await officer.call(listTables, { params: { id: sourceId }, query: {} })
    const villages = items.find((one) => one.name === 'villages')
    if (villages) world.made.tableId = villages.id
    const offered = (villages?.fields ?? []).map(({ name, type, nullable, comment, suggestedName }) => {
      return { name, type, nullable, comment, suggested: suggestedName }
    })
    const actual = await fieldsOf(world)
    const differences = differencesOf(offered, actual)
    const figures: DiscoverFigures = {
      tables: items.length,
      fields: offered.length,
      fields_expected: actual.length,
      key: villages?.key ?? [],
      suggested_names: offered.filter((one) => one.suggested !== null).length,
      row_estimate: Number(villages?.rowEstimate ?? -1),
      differences,
      ...(await discoverFolder(world)),
    }
    const faults = faultsOf({
      'exactly the tables that the agent may read are offered':
        items
          .map((one) => one.name)
          .sort()
          .join() === GRANTED_TABLES.join(),
      'each field has the name, type, nullability, comment and Chinese name that the database has':
        differences.length === 0 && offered.length === VILLAGE_COLUMNS.length,
      'the key is the village code': figures.key.join() === 'code',
      'the Chinese name of the table is its comment’s first phrase':
        villages?.suggestedName === VILLAGE_TABLE_COMMENT.split('（')[0],
      'the row estimate is within a tenth of the rows': Math.abs(figures.row_estimate / world.villages - 1) < 0.1,
      'each file and sheet of the folder is offered with its planted columns, types and rows; codes are text':
        figures.files > 0 && figures.file_differences.length === 0,
    })
    return { figures, faults }
  } finally {
    if (world.sabotage === 'discover') await comment(world, VILLAGE_COLUMNS[1][2])
  }
}

const comment = (world: World, text: string) => world.source.rows(`comment on column public.villages.name is '${text}'`)

/** The table as the database's own catalogue describes it now. */
async function fieldsOf(world: World): Promise<Field[]> {
  const rows = await world.source.rows<Record<'name' | 'type' | 'required' | 'comment', string | null>>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
       col_description(a.attrelid, a.attnum) as comment
     from pg_attribute a where a.attrelid = 'public.villages'::regclass and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
  )
  return rows.map((row) => ({
    name: row.name!,
    type: row.type!,
    nullable: row.required !== 't',
    comment: row.comment,
    suggested: row.comment?.split('（')[0] ?? null,
  }))
}

function differencesOf(offered: readonly Field[], actual: readonly Field[]): string[] {
  const found = new Map(offered.map((one) => [one.name, JSON.stringify(one)]))
  const missing = actual.filter((one) => found.get(one.name) !== JSON.stringify(one)).map((one) => one.name)
  const names = new Set(actual.map((one) => one.name))
  return [...missing, ...offered.filter((one) => !names.has(one.name)).map((one) => one.name)]
}

export const discover: Step<DiscoverFigures> = { number: 1, name: 'discover', run }
