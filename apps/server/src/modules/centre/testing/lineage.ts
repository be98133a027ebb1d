import { setLibrary } from '@huitong/contract/centre'
import { createChannel } from '@huitong/contract/exchange'
import { setFusion } from '@huitong/contract/fusion'
import { createService, openService } from '@huitong/contract/gateway'
import type { ReplyOf } from '@huitong/contract'
import type { readLineage } from '@huitong/contract/lineage'
import { createRecipe } from '@huitong/contract/recipes'
import { beforeAll } from 'vitest'
import type { Request } from '../../../../../../tests/harness/catalogue.ts'
import {
  agreed,
  BENEFIT_TABLE,
  land,
  PEOPLE_TABLE,
  prepareCentre,
  type CentreGround,
  type Landed,
} from '../../../../../../tests/harness/centre.ts'
import { granted } from '../../../../../../tests/harness/gateway.ts'
import { addSource, enrol } from '../../../../../../tests/harness/node.ts'
import { usePlatform, type TestPlatform } from '../../../../../../tests/harness/platform.ts'
import { PERSON, type Settings } from './fusion.ts'

export type Lineage = ReplyOf<typeof readLineage>

export const STEPS = [
  { kind: 'trim', parameters: { column: 'name', inside: 'none' } },
  { kind: 'from_id', parameters: { column: 'id_number', part: 'birth', into: 'born' } },
  { kind: 'deduplicate', parameters: { columns: ['id_number'], order: 'village_code', keep: 'first' } },
]

export interface LineageGround {
  readonly platform: TestPlatform
  ground: CentreGround
  /** People, landed, cleaned, fused, served; also sent to the housing department. */
  people: Landed
  /** Benefits, landed; the recipe of the people looks in them. */
  benefits: Landed
  /** Of the housing department, by table. */
  tableGrant: Request
  channelId: string
  serviceId: string
  recipeId: string
}

const fusion = (channelId: string): Settings => ({
  definition: {
    fields: [
      { code: 'name', kind: 'name' },
      { code: 'number', kind: 'code' },
      { code: 'village', kind: 'code' },
    ],
    identifier: { field: 'number', kind: 'id_number' },
    blocking: [],
    comparisons: [],
    thresholds: { match: 0.9, review: 0.05 },
  },
  names: { name: { zh: '姓名' }, number: { zh: '公民身份号码' }, village: { zh: '村' } },
  sources: [
    { channelId, items: { name: 'name', number: 'id_number', village: 'village_code' }, updatedItem: 'address' },
  ],
  survivorship: ['name', 'number', 'village'].map((field) => ({
    field,
    authority: [channelId],
    order: ['authority' as const],
  })),
})

/** A platform where one dataset went every way that there is; call at the top of a describe. */
export function useLineage(options: { readonly portal?: boolean } = {}): LineageGround {
  const platform = usePlatform({ ...options, centre: true })
  const made = { platform } as LineageGround
  beforeAll(async () => {
    made.ground = await prepareCentre(platform)
    made.people = await land(platform, made.ground, PEOPLE_TABLE)
    made.benefits = await land(platform, made.ground, BENEFIT_TABLE)
    const centre = await platform.as('centre')
    const match = [{ own: 'id_number', other: 'id_number' }]
    const fill = { column: 'name', table: made.benefits.dataset.id, value: 'person_name', match }
    const recipe = { datasetId: made.people.dataset.id, steps: [...STEPS, { kind: 'fill', parameters: fill }] }
    made.recipeId = (await centre.call(createRecipe, { body: { ...recipe, examples: [] } })).id
    const channelId = made.people.channel.id
    await centre.call(setFusion, { params: PERSON, body: fusion(channelId) }, { match: 0 })
    const part = { channelId: made.benefits.channel.id, keyItem: 'id_number' }
    await centre.call(setLibrary, { params: PERSON, body: { parts: [part] } })
    const service = { channelId, code: 'people', name: { zh: '人口基本信息查询' } }
    made.serviceId = (await centre.call(createService, { body: service })).id
    const opened = await granted(platform, made.people)
    const quota = { grantId: opened.grantId!, perSecondMax: 10, perDayMax: 1000 }
    await centre.call(openService, { params: { id: made.serviceId }, body: quota })
    await sendToWorks(made)
  }, 120_000)
  return made
}

/** The housing department gets some of the items under other names, masked, translated, and of some villages only. */
async function sendToWorks(made: LineageGround): Promise<void> {
  const { platform } = made
  const node = await enrol(platform, platform.departments.works, '住建前置节点')
  const target = await addSource(platform, node, 'receive')
  made.tableGrant = await agreed(
    platform,
    made.people.dataset,
    'works',
    { items: ['id', 'name', 'phone', 'village_code'] },
    {
      masks: [{ item: 'phone', mask: 'phone' }],
      rowFilter: { op: 'startsWith', field: 'village_code', value: { type: 'text', value: '33' } },
    },
  )
  const pairs = [{ from: '330102001001', to: 'A' }]
  const mapping = [
    { as: 'id', item: 'id' },
    { as: 'xm', item: 'name' },
    { as: 'phone', item: 'phone' },
    { as: 'village', item: 'village_code', codes: { pairs, otherwise: 'keep' as const } },
    { as: 'batch', constant: { type: 'text' as const, value: '2026' } },
  ]
  const body = {
    grantId: made.tableGrant.grantId!,
    targetSourceId: target.id,
    targetTable: 'tenants',
    mapping,
  }
  made.channelId = (await (await platform.as('centre')).call(createChannel, { body })).id
}

/** The edges of an answer, each in a line: `kind.column how(mask) kind.column`. */
export function told({ boxes, edges }: Pick<Lineage, 'boxes' | 'edges'>): string[] {
  const kinds = new Map(boxes.map((one) => [one.id, one.kind]))
  const spot = ({ box, column }: Lineage['edges'][number]['from']) => `${kinds.get(box)}.${column ?? '*'}`
  return edges.map(
    (one) =>
      `${spot(one.from)} ${one.how}${one.mask === null ? '' : `(${one.mask})`}${one.through > 0 ? `[${one.through}]` : ''} ${spot(one.to)}`,
  )
}
