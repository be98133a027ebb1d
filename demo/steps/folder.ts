import { discoverSource, listSources, listTables } from '@huitong/contract/nodes'
import { FOLDER, plantedFiles } from '../city/folder.ts'
import { listAll } from '../city/populate.ts'
import { until, type World } from '../run/world.ts'

export interface FolderFigures {
  files: number
  file_rows: number
  file_differences: string[]
}

/** The department's folder is discovered by its node; what is offered is compared with what was planted in the files. */
export async function discoverFolder(world: World): Promise<FolderFigures> {
  const officer = await world.as(`${FOLDER.department}-officer`)
  const own = async () => (await listAll(officer, listSources)).find((one) => one.name.zh === FOLDER.source.zh)!
  const { id, discovery } = await own()
  const before = discovery?.at ?? ''
  await officer.call(discoverSource, { params: { id } })
  await until('the discovery of the folder', async () => {
    const found = (await own()).discovery
    if (found?.state === 'failed') throw new Error(found.problem?.en ?? 'the discovery failed')
    return found?.state === 'done' && found.at > before && found.tables > 0
  })
  const { items: all } = await officer.call(listTables, { params: { id }, query: {} })
  // The folder as it is stands beside its files.
  const items = all.filter(({ name }) => name !== './')
  const offered = items.map((one) => {
    const columns = one.fields.map((field) => `${field.name} ${field.canonicalType}`)
    return [one.name, `${one.rowEstimate}: ${columns.join()}`] as const
  })
  const planted = plantedFiles(world.platform.city.seed).map((one) => {
    return [one.table, `${one.rows.length}: ${one.columns.map((column) => column.join(' ')).join()}`] as const
  })
  return {
    files: items.length,
    file_rows: items.reduce((sum, one) => sum + Number(one.rowEstimate ?? 0), 0),
    file_differences: [...difference(planted, offered), ...difference(offered, planted)],
  }
}

type Described = readonly (readonly [name: string, shape: string])[]

/** The names of `left` that `right` lacks or describes otherwise. */
function difference(left: Described, right: Described): string[] {
  const known = new Map(right)
  return left.filter(([name, shape]) => known.get(name) !== shape).map(([name]) => name)
}
