import { registerCentreSource } from '@huitong/contract/centre'
import type { DatasetContent, RequestContent } from '@huitong/contract/catalogue'
import { createRequest } from '@huitong/contract/catalogue'
import { createChannel, readChannel } from '@huitong/contract/exchange'
import type { DiscoverResult } from '@huitong/contract/work'
import { postgresql } from '@huitong/connectors'
import { sql } from 'kysely'
import { Client } from 'pg'
import { SYSTEM_ROWS } from '../../apps/server/src/kernel/db.ts'
import { completeContent, decide, readAs, requestContent, type Dataset, type Request } from './catalogue.ts'
import { discover, publishMounted, type Channel } from './exchange.ts'
import { eventually } from './guards.ts'
import { addSource, enrol, type TestNode } from './node.ts'
import type { TestPlatform } from './platform.ts'

export interface CentreGround {
  /** Node of the civil affairs department, which provides. */
  readonly provider: TestNode
  /** The centre's own node and its registered database. */
  readonly node: TestNode
  readonly sourceId: string
}

/** A provider's node and the centre's own with its database registered. The platform must have been made with `centre`. */
export async function prepareCentre(platform: TestPlatform): Promise<CentreGround> {
  const provider = await enrol(platform, platform.departments.civil, '民政前置节点')
  const node = await enrol(platform, platform.departments.centre, '资源中心节点')
  const centre = await platform.as('centre')
  const source = await centre.call(registerCentreSource, { body: { nodeId: node.id } })
  return { provider, node, sourceId: source.id }
}

/** Runs a statement in the centre's database as the loader, as the centre's node does. */
export async function inCentre(platform: TestPlatform, text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: platform.server.services.centreLoaderUrl! })
  await client.connect()
  try {
    await client.query(text, values)
  } finally {
    await client.end()
  }
}

export interface TableGiven {
  readonly table: string
  readonly items: NonNullable<DatasetContent['items']>
  readonly key: readonly string[]
  /** Canonical types of the columns that are not text. */
  readonly types?: Readonly<Record<string, string>>
  readonly content?: Partial<DatasetContent>
  readonly request?: Partial<RequestContent>
  readonly answer?: Parameters<typeof decide>[3]
  readonly rows: readonly (readonly (string | null)[])[]
}

export interface Landed {
  readonly dataset: Dataset
  readonly request: Request
  readonly channel: Channel
}

/** Publishes a table of the provider, as a department would: discovered, compiled, signed, mounted. */
export async function publishTable(platform: TestPlatform, ground: CentreGround, given: TableGiven): Promise<Dataset> {
  const fields = given.items.map((item, index) => {
    const type = given.types?.[item.code] ?? 'text'
    const key = given.key.includes(item.code)
    return {
      name: item.code,
      type,
      canonicalType: type,
      nullable: !key,
      length: null,
      position: index + 1,
      comment: null,
      suggestedName: null,
    }
  })
  const result: DiscoverResult = {
    tables: [
      {
        schema: 'public',
        name: given.table,
        comment: null,
        suggestedName: null,
        rowEstimate: String(given.rows.length),
        key: [...given.key],
        schemaHash: 'b'.repeat(64),
        fields,
      },
    ],
  }
  const source = await addSource(platform, ground.provider, 'provide')
  const table = await discover(platform, ground.provider, source.id, result)
  const methods = { shareMethods: ['table', 'service'] as ('table' | 'service')[] }
  return publishMounted(
    platform,
    table,
    completeContent({ items: given.items, level: 'general_3', ...methods, ...given.content }),
  )
}

/** A request of one department, agreed by everybody whose turn it is up to the centre's own step. */
export async function agreed(
  platform: TestPlatform,
  dataset: { id: string },
  by: 'works' | 'centre',
  over: Partial<RequestContent> = {},
  answer: Parameters<typeof decide>[3] = {},
): Promise<Request> {
  const officer = await platform.as(`${by}-officer`)
  let request = await officer.call(createRequest, { body: requestContent(dataset, over) })
  while (request.step !== 'centre_configure') {
    const step = request.step!
    const more = step === 'head_sign' ? { by: `${by}-head` as const } : step === 'provider_answer' ? answer : {}
    request = await decide(platform, request.id, step, more)
  }
  return readAs(platform, 'centre', request.id)
}

/** Lands a table in the centre: request, grant, channel, and the rows as the centre's node would write them. */
export async function land(platform: TestPlatform, ground: CentreGround, given: TableGiven): Promise<Landed> {
  const dataset = await publishTable(platform, ground, given)
  const items = given.items.map((one) => one.code)
  const request = await agreed(platform, dataset, 'centre', { items, ...given.request }, given.answer)
  const centre = await platform.as('centre')
  const body = { grantId: request.grantId!, targetSourceId: ground.sourceId, targetTable: given.table }
  const { id } = await centre.call(createChannel, { body })
  await eventually(
    () => readAs(platform, 'centre-officer', request.id),
    (one) => one.step === 'applicant_confirm',
  )
  await decide(platform, request.id, 'applicant_confirm', { by: 'centre-officer' })
  const channel = await eventually(
    () => centre.call(readChannel, { params: { id } }),
    (one) => one.state === 'ready',
  )
  await fill(platform, channel, given.rows)
  return { dataset, request, channel }
}

/** Writes rows into the landed table, in the order of the channel's columns, and moves the position. */
export async function fill(
  platform: TestPlatform,
  channel: Channel,
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const url = new URL(platform.server.services.centreLoaderUrl!)
  const settings = {
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: url.username,
    password: decodeURIComponent(url.password),
    tls: 'off' as const,
  }
  const { schema, table } = channel.target
  const columns = channel.columns.map(({ as, type }) => ({
    name: as,
    type: type as 'text',
    nullable: !channel.key.includes(as),
  }))
  const database = postgresql.open(settings)
  await database.ensureTable({ schema, name: table, columns, key: channel.key })
  await database.claimChannel(channel.id, { schema, name: table })
  for (const row of rows)
    await inCentre(platform, `insert into "${table}" values (${row.map((_, index) => `$${index + 1}`).join(', ')})`, [
      ...row,
    ])
  await inCentre(
    platform,
    `update huitong_position set generation = generation + 1, visible = generation + 1, sequence = 1, complete = true,
      updated_at = clock_timestamp() where channel = $1`,
    [channel.id],
  )
  await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
    db.run(sql`update channel set state = 'completed', finished_at = now() where id = ${channel.id}`),
  )
}

const item = (code: string, zh: string, more: object = {}) =>
  ({
    code,
    name: { zh },
    type: 'text',
    shareAttribute: 'conditional',
    level: 'general_3',
    nullable: true,
    ...more,
  }) as const

/** People, as the police would provide them; small. */
export const PEOPLE_TABLE: TableGiven = {
  table: 'population',
  key: ['id'],
  types: { id: 'bigint' },
  items: [
    item('id', '记录号', { key: true, nullable: false, personal: false }),
    item('name', '姓名', { personal: true }),
    item('id_number', '公民身份号码', { personal: true }),
    item('phone', '联系电话', { personal: true }),
    item('address', '户籍地址', { personal: true }),
    item('village_code', '村级代码', { personal: false }),
  ],
  rows: [
    ['9007199254740993', '王小明', '33010219900307231X', '13800001234', '杭州市上城区某路1号', '330102001001'],
    ['2', '李梅', '330102198505051224', '13900005678', '杭州市上城区某路2号', '330102001002'],
    ['3', "O'Neil", '330102198505051225', null, '', '440102001002'],
  ],
}
/** Benefits of the same people. */
export const BENEFIT_TABLE: TableGiven = {
  table: 'benefit',
  key: ['id'],
  types: { id: 'bigint', amount: 'numeric(10,2)' },
  items: [
    item('id', '记录号', { key: true, nullable: false, personal: false }),
    item('person_name', '姓名', { personal: true }),
    item('id_number', '公民身份号码', { personal: true }),
    item('amount', '发放金额', { personal: false }),
  ],
  rows: [
    ['1', '王小明', '33010219900307231X', '812.50'],
    ['2', '王小明', '33010219900307231x', '812.00'],
  ],
}
