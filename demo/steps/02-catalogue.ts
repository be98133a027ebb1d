import {
  createDataset,
  diffDatasetVersions,
  readDataset,
  reviewDataset,
  signDataset,
  submitDataset,
  updateDataset,
  type DatasetContent,
} from '@huitong/contract/catalogue'
import { draftFromTable, mountDataset } from '@huitong/contract/curation'
import { canonical } from '../run/signatures.ts'
import { faultsOf, needed, tally, type Outcome, type Step, type World } from '../run/world.ts'
import { changed, completed, withHoles, type PlantedChange } from './content.ts'

export interface CatalogueFigures {
  items: number
  holes: string[]
  named_missing: string[]
  incomplete_code: string
  code: string
  live_version: number
  pending_version: number
  changes: string[]
  named_changes: string[]
}

/** The entry is made from the table, refused while incomplete, signed, published, and changed into a pending version. */
async function run(world: World): Promise<Outcome<CatalogueFigures>> {
  const officer = await world.as('minzheng-officer')
  const tableId = needed(world.made.tableId, 'the discovered table')
  const suggested = await officer.call(draftFromTable, { body: { tableId } })
  const name = world.round === 1 ? '全国村级行政区划' : `全国村级行政区划（${world.round}）`
  const whole = completed(suggested.content, name)
  const incomplete = withHoles(whole, world.random.fork('holes'))
  const draft = await officer.call(createDataset, { body: incomplete.content })
  const params = { id: draft.id }
  const refusal = await officer.refusal(submitDataset, { params }, { match: draft.version })
  const named = refusal.places.map((one) => one.path).sort()
  const published = await publish(world, params.id, whole, draft.version, suggested.mapping)
  world.made.datasetId = params.id
  tally(world, 'minzheng', 'datasets', 1)
  tally(world, 'minzheng', 'items', whole.items!.length)
  const change = await changeLive(world, params.id, whole, published.version)
  const figures: CatalogueFigures = {
    items: whole.items!.length,
    holes: incomplete.holes,
    named_missing: named,
    incomplete_code: refusal.code,
    code: published.code,
    live_version: change.live,
    pending_version: change.pending,
    changes: change.planted.map((one) => one.path).sort(),
    named_changes: change.named.map((one) => one.path).sort(),
  }
  const faults = faultsOf({
    'an incomplete entry is refused': refusal.code === 'dataset.incomplete' && refusal.status === 422,
    'exactly the fields that were left out are named': named.join() === incomplete.holes.join(),
    'the provisional code has the form of the guide': /^[1-3]\d{5}[0-9A-Za-z]*\/T\d{6}$/.test(figures.code),
    'the entry is published with what was written':
      published.state === 'published' && canonical(published.content) === canonical(whole),
    'a change makes a pending version beside the published one': change.pending === change.live + 1,
    'what is published stays as it was': change.liveUntouched,
    'the comparison names exactly what was changed, with both values':
      canonical(sorted(change.named)) === canonical(sorted(change.planted)),
  })
  return { figures, faults }
}

const sorted = (changes: readonly PlantedChange[]) =>
  changes.map(({ path, before, after }) => ({ path, before, after })).sort((a, b) => (a.path < b.path ? -1 : 1))

/** Completed by the officer, signed by the head, reviewed and published by the authority. */
async function publish(
  world: World,
  id: string,
  content: DatasetContent,
  version: number,
  mapping: { item: string; field: string }[],
) {
  const officer = await world.as('minzheng-officer')
  const params = { id }
  const complete = await officer.call(updateDataset, { params, body: content }, { match: version })
  const body = { tableId: needed(world.made.tableId, 'the table'), mapping }
  const mounted = await officer.call(mountDataset, { params, body })
  const submitted = await officer.call(
    submitDataset,
    { params },
    { match: Math.max(complete.version, mounted.version) },
  )
  const head = await world.as('minzheng-head')
  const signed = await head.call(signDataset, { params, body: { decision: 'agree' } }, { match: submitted.version })
  const authority = await world.as('bureau-authority')
  return authority.call(reviewDataset, { params, body: { decision: 'publish' } }, { match: signed.version })
}

async function changeLive(world: World, id: string, content: DatasetContent, version: number) {
  const officer = await world.as('minzheng-officer')
  const params = { id }
  const change = changed(content, world.random.fork('change'))
  const pending = await officer.call(updateDataset, { params, body: change.content }, { match: version })
  if (world.sabotage === 'catalogue')
    await world.platformSql.rows(
      `update dataset_version set content = jsonb_set(content, '{shareUse}', '"任何用途"')
       where dataset_id = $1 and number = $2`,
      [id, pending.pending?.number ?? 0],
    )
  const from = pending.live?.number ?? 0
  const to = pending.pending?.number ?? 0
  const query = { from: String(from), to: String(to) }
  const diff = await officer.call(diffDatasetVersions, { params, query })
  const live = await officer.call(readDataset, { params, query: { version: 'live' } })
  return {
    live: from,
    pending: to,
    planted: change.changes,
    named: diff.changes.map(({ path, before, after }) => ({ path, before, after })),
    liveUntouched: canonical(live.content) === canonical(content),
  }
}

export const catalogue: Step<CatalogueFigures> = { number: 2, name: 'catalogue', run }
