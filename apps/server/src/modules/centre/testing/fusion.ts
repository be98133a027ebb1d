import { idNumberCheck } from '@huitong/codes'
import {
  listFusionRuns,
  listMasters,
  readFusionRun,
  readMaster,
  setFusion,
  startFusion,
} from '@huitong/contract/fusion'
import type { BodyOf, Client, ReplyOf } from '@huitong/contract'
import { beforeAll, expect } from 'vitest'
import { land, PEOPLE_TABLE, type Landed } from '../../../../../../tests/harness/centre.ts'
import { eventually } from '../../../../../../tests/harness/guards.ts'
import { useQuality, type Quality } from '../../governance/testing/quality.ts'

const SURNAMES = [...'赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许']
const GIVEN = [...'伟芳娜静敏丽强磊军洋艳勇杰娟涛明超兰霞平刚桂红玉华鹏飞慧']
export const COUNT = 60

/** One of the people of the test city. */
export function person(at: number) {
  const birth = `${1950 + (at % 50)}${String((at % 12) + 1).padStart(2, '0')}${String((at % 28) + 1).padStart(2, '0')}`
  const first17 = `330106${birth}${String(at + 1).padStart(3, '0')}`
  return {
    name: `${SURNAMES[at % 20]!}${GIVEN[(at * 7) % 28]!}${GIVEN[(at * 11 + Math.floor(at / 20)) % 28]!}`,
    number: first17 + idNumberCheck(first17),
    phone: `139${String(10_000_000 + at * 7919)}`,
    address: `杭州市西湖区文三路${at + 1}号`,
  }
}
/** id, name, id_number, phone, address, village_code. */
const POLICE = Array.from({ length: COUNT }, (_, at) => {
  const { name, number, phone, address } = person(at)
  return [String(at + 1), name, number, phone, address, null]
})
/** Half of the same people, every third without a number; the first has no telephone with the police. */
const WELFARE = Array.from({ length: COUNT / 2 }, (_, at) => {
  const { name, number, phone } = person(at)
  return [String(at + 1), name, at % 3 === 0 ? null : number.toLowerCase(), phone, `西湖区${at}`, null]
})
POLICE[0]![3] = null
// Of these welfare knows a name and another telephone: it may be somebody else.
for (const at of [45, 50]) WELFARE.push([String(at + 100), person(at).name, null, `13${at}00000000`, null, null])

const whole = (...fields: string[]) => fields.map((field) => ({ field, take: { take: 'whole' as const } }))
export type Settings = BodyOf<typeof setFusion>

function settingsOf(police: string, welfare: string): Settings {
  const items = { name: 'name', number: 'id_number', phone: 'phone', address: 'address' }
  return {
    definition: {
      fields: [
        { code: 'name', kind: 'name' },
        { code: 'number', kind: 'code' },
        { code: 'phone', kind: 'code' },
        { code: 'address', kind: 'text' },
      ],
      identifier: { field: 'number', kind: 'id_number' },
      blocking: [whole('name'), whole('phone')],
      comparisons: [
        { field: 'name', levels: [{ level: 'exact' }, { level: 'first', characters: 1 }], termFrequency: false },
        { field: 'phone', levels: [{ level: 'exact' }, { level: 'edits', most: 2 }], termFrequency: false },
      ],
      thresholds: { match: 0.9, review: 0.05 },
    },
    names: { name: { zh: '姓名' }, number: { zh: '公民身份号码' }, phone: { zh: '联系电话' }, address: { zh: '住址' } },
    sources: [police, welfare].map((channelId) => ({ channelId, items: { ...items }, updatedItem: null })),
    survivorship: ['name', 'number', 'phone', 'address'].map((field) => ({
      field,
      authority: field === 'address' ? [welfare, police] : [police, welfare],
      order: ['authority', 'freshness', 'completeness'],
    })),
  }
}

export const PERSON = { library: 'person' as const }
export const FULL = { full: true, purpose: '核对融合结果' }
type Run = ReplyOf<typeof readFusionRun>

export interface FusionGround extends Quality {
  /** The centre's person. */
  centre: Client
  settings: Settings
  /** What welfare provides; what the police provide is `landed`. */
  second: Landed
  define(): Promise<void>
  /** A fusion from its start to its good end. */
  fused(): Promise<Run>
  latest(): Promise<Run>
  masters(id: string, number?: string): Promise<ReplyOf<typeof listMasters>['items']>
  open(id: string, master: string, body?: object): Promise<ReplyOf<typeof readMaster>>
}

/** A platform where two departments' people have landed and are in the lake; call at the top of a describe. */
export function useFusion(options: { readonly portal?: boolean } = {}): FusionGround {
  const quality = useQuality(options)
  const centre = () => quality.platform.as('centre')
  const runOf = async (id: string) => (await centre()).call(readFusionRun, { params: { id } })
  const ground: FusionGround = Object.assign(quality, {
    async define() {
      await ground.centre.call(setFusion, { params: PERSON, body: ground.settings }, { match: 0 })
    },
    async fused() {
      const { id } = await ground.centre.call(startFusion, { params: PERSON })
      const run = await eventually(
        () => runOf(id),
        (one) => ['done', 'failed', 'stopped'].includes(one.state),
        60_000,
      )
      expect(run).toMatchObject({ state: 'done', problem: null })
      return run
    },
    latest: async () =>
      (await ground.centre.call(listFusionRuns, { params: PERSON, query: {} })).items.find(
        (one) => one.state === 'done',
      )!,
    masters: async (id: string, number?: string) => {
      const body = { ...FULL, ...(number === undefined ? {} : { number }) }
      return (await ground.centre.call(listMasters, { params: { id }, query: {}, body })).items
    },
    open: (id: string, master: string, body: object = FULL) =>
      ground.centre.call(readMaster, { params: { id, master }, body }),
  }) as unknown as FusionGround
  beforeAll(async () => {
    ground.centre = await centre()
    const first = ground.landed
    ground.second = await land(ground.platform, ground.ground, { ...PEOPLE_TABLE, table: 'welfare' })
    ground.settings = settingsOf(first.channel.id, ground.second.channel.id)
    await ground.send(POLICE)
    ground.landed = ground.second
    await ground.send(WELFARE)
    ground.landed = first
  }, 120_000)
  return ground
}
