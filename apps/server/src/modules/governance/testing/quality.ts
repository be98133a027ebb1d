import { createSuite, readRun, startRun } from '@huitong/contract/governance'
import type { ReplyOf } from '@huitong/contract'
import { sql } from 'kysely'
import { beforeAll } from 'vitest'
import {
  land,
  PEOPLE_TABLE,
  prepareCentre,
  type CentreGround,
  type Landed,
} from '../../../../../../tests/harness/centre.ts'
import { useEngine } from '../../../../../../tests/harness/engine.ts'
import { seal, startRun as startCopy } from '../../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../../tests/harness/guards.ts'
import { usePlatform, type TestPlatform } from '../../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'

type Rows = readonly (readonly (string | null)[])[]

/** Rules over the people of the test city. */
export const RULES = [
  {
    code: 'id_check',
    kind: 'id_number',
    name: { zh: '身份证号校验' },
    parameters: { column: 'id_number', ignoreDate: true },
  },
  { code: 'name_missing', kind: 'required', name: { zh: '姓名必填' }, parameters: { column: 'name' } },
  { code: 'id_unique', kind: 'unique', name: { zh: '身份证号唯一' }, parameters: { columns: ['id_number'] } },
]
/** id, name, id_number, phone, address, village_code. Rows 2 and 4 share a number; 3 has a wrong one and no name. */
export const DIRTY: Rows = [
  ['1', '王小明', '11010519491231002X', '13800001234', '某路1号', null],
  ['2', '李梅', '34052419800101001X', null, null, null],
  ['3', null, '340524198001010010', null, null, null],
  ['4', '李梅', '34052419800101001X', null, null, null],
]

export interface Quality {
  readonly platform: TestPlatform
  ground: CentreGround
  landed: Landed
  /** Sends a full copy of these rows, as the provider's agent does; resolves when the platform has verified it. */
  send(rows: Rows): Promise<void>
  suite(): Promise<string>
  /** A finished check of what has landed. */
  checked(suiteId: string): Promise<ReplyOf<typeof readRun>>
}

/** A platform where people land in the centre; call at the top of a describe. */
export function useQuality(options: { readonly portal?: boolean } = {}): Quality {
  const platform = usePlatform({ ...options, centre: true })
  useEngine(platform)
  const made = { suite: '' }
  const db = () => platform.server.services.db
  const quality = {
    platform,
    async send(rows: Rows) {
      const { channel } = quality.landed
      await db().write(SYSTEM_ROWS, async (tx) => {
        await tx.run(sql`update channel set state = 'ready' where id = ${channel.id}`)
        // Nobody finishes the work of an earlier copy: with its lease over, it would be given out once more.
        await tx.run(
          sql`update node_work set state = 'cancelled', finished_at = now() where state in ('queued', 'leased')`,
        )
      })
      const ends = { provider: quality.ground.provider, consumer: quality.ground.node }
      const run = await startCopy(platform, ends as never, channel)
      const segment = await seal(run.read.input, quality.ground.provider.signing, rows)
      await quality.ground.provider.upload(segment)
      const { sealedDigest } = segment.signed.manifest
      await eventually(
        () =>
          db().read(SYSTEM_ROWS, (tx) =>
            tx.one<{ state: string }>(
              sql`select state from segment where digest = ${sealedDigest} order by received_at desc limit 1`,
            ),
          ),
        (one) => one.state === 'verified',
      )
      await eventually(
        () =>
          db().read(SYSTEM_ROWS, (tx) =>
            tx.one<{ n: number }>(sql`select count(*)::int as n from lake_file f join segment x
              using (stream_id, generation, sequence) where x.digest = ${sealedDigest}`),
          ),
        (one) => one.n > 0,
        30_000,
      )
    },
    async suite() {
      if (made.suite !== '') return made.suite
      const body = { datasetId: quality.landed.dataset.id, rules: RULES, repairWorkingDays: 10 }
      made.suite = (await (await platform.as('centre')).call(createSuite, { body })).id
      return made.suite
    },
    async checked(id: string) {
      const centre = await platform.as('centre')
      const run = await centre.call(startRun, { params: { id } })
      return eventually(
        () => centre.call(readRun, { params: { id: run.id } }),
        (one) => one.state === 'done' || one.state === 'failed',
      )
    },
  } as Quality
  beforeAll(async () => {
    quality.ground = await prepareCentre(platform)
    quality.landed = await land(platform, quality.ground, PEOPLE_TABLE)
  })
  return quality
}
