import { randomBytes, randomUUID } from 'node:crypto'
import { type ChannelMode, createChannel } from '@huitong/contract/exchange'
import { DIGEST_SECRET_BYTES } from '@huitong/segment'
import { sql } from 'kysely'
import type { Static } from 'typebox'
import type { Reader } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { nextNumber } from '../catalogue/index.ts'
import { CONNECTOR_KINDS, requireConsent } from '../nodes/index.ts'
import { channelDetail } from './channel-view.ts'
import { fileColumns } from './file-columns.ts'
import { activePlan, findGrantRow } from './grant-plan.ts'
import { grantedColumns, mappedColumns, requireNoLanding } from './mapping.ts'
import { type Mounted, mountedOf } from './mounted-table.ts'

/** How often changes are brought, and how late a row may be written after its own update time, when nobody says otherwise. */
const INTERVAL_SECONDS = 60
const LAG_SECONDS = 30
const COMPARE_HOURS = 24

/** The centre configures the exchange of a grant: from the mounted table to a table in the consumer's receiving database. */
export const createChannelVerb = command<typeof createChannel>({
  endpoint: createChannel,
  audit: ({ body }, reply) => ({
    objectKind: 'channel',
    objectId: reply.id,
    detail: { grant: body.grantId, number: reply.number },
  }),
  async run({ db, actor, now, legalNow, services, emit }, { body }) {
    const grant = await findGrantRow(db, body.grantId)
    const plan = activePlan(grant, { now, legalNow })
    const mode = body.mode ?? 'full'
    const mounted = await mountedOf(db, grant.dataset_id, mode === 'files' ? 'file' : 'table')
    await requireConsent(db, mounted.source_id, now)
    const defaultSchema = await requireTarget(db, body.targetSourceId, grant.grantee_department_id, mode)
    if (body.mapping !== undefined || mode === 'files') await requireNoLanding(db, body.targetSourceId)
    const { columns, key } =
      mode === 'files'
        ? fileColumns(grant, plan, mounted, body.mapping)
        : body.mapping === undefined
          ? grantedColumns(plan, mounted)
          : mappedColumns(plan, mounted, body.mapping)
    if (mode === 'cursor') requireFollowable(mounted, key)
    if (mode === 'log') await requireLogged(db, mounted, key, body.targetSourceId)
    if (mode === 'log' || mode === 'files') await requireLine(db, mounted.source_id, body.targetSourceId)
    if (mode === 'diff') await requireComparable(db, mounted, key, body.targetSourceId)
    const everyHours = mode === 'diff' ? (body.everyHours ?? COMPARE_HOURS) : null
    const id = randomUUID()
    const schema = mode === 'files' ? '' : (body.targetSchema ?? defaultSchema)
    const taken =
      await db.maybe(sql`select 1 from channel where target_id = ${body.targetSourceId} and target_schema = ${schema}
      and target_table = ${body.targetTable}`)
    if (taken)
      refuse('object.exists', {
        places: [place('/targetTable', '该接收表已用于另一交换任务', 'another channel fills this table')],
      })
    const secret = services.secrets.seal(randomBytes(DIGEST_SECRET_BYTES), `digest/${id}`)
    await db.run(sql`insert into channel (id, number, jurisdiction, grant_id, dataset_id, provider_department_id, consumer_department_id,
        distribution_id, source_id, target_id, target_schema, target_table, columns, key, digest_secret, mode, interval_seconds, lag_seconds,
        drift_policy, mounted, reconcile_every_hours, state, created_at)
      values (${id}, ${await nextNumber(db, 'JH', now)}, ${actor.jurisdiction}, ${grant.id}, ${grant.dataset_id}, ${grant.grantor_department_id},
        ${grant.grantee_department_id}, ${mounted.id}, ${mounted.source_id}, ${body.targetSourceId}, ${schema}, ${body.targetTable},
        ${JSON.stringify(columns)}, ${key}::text[], ${secret},
        ${mode}, ${body.intervalSeconds ?? INTERVAL_SECONDS}, ${body.lagSeconds ?? LAG_SECONDS},
        ${body.driftPolicy ?? 'hold'}, ${JSON.stringify({ hash: mounted.schema_hash, fields: mounted.fields })}, ${everyHours},
        (select case state when 'done' then 'ready' else 'configured' end from access_request where id = ${grant.request_id}), ${now})`)
    await emit('channel.configured', {
      channelId: id,
      requestId: grant.request_id,
      personId: actor.id,
      departmentId: actor.departmentId,
    })
    return channelDetail(db, actor, id)
  },
})

/** What changed can be told only of a table that keeps the convention, and applied only by a key that travels as it is. */
function requireFollowable(mounted: Mounted, key: readonly string[]): void {
  if (mounted.convention === null)
    refuse('object.state', {
      places: [
        place('/mode', '库表未登记操作标识和更新时间字段', 'the table names no fields of operation and update time'),
      ],
    })
  if (key.length === 0)
    refuse('object.state', {
      places: [place('/mode', '主键未全部授权或已脱敏，不能增量同步', 'the key is not granted whole and unmasked')],
    })
}

/** These modes ask the platform on the way, and wait for its answer: no crossing of files gives one in time. */
async function requireLine(db: Reader, ...sourceIds: readonly string[]): Promise<void> {
  const ferried = await db.maybe(sql`select 1 from data_source s join node n on n.id = s.node_id
    where s.id = any(${[...sourceIds]}::uuid[]) and n.link <> 'line'`)
  if (ferried)
    refuse('node.ferried', {
      places: [
        place(
          '/mode',
          '摆渡节点不支持变更日志和文件交换，请用全量或更新时间方式',
          'a ferried node takes neither the change log nor files as they are: copy, or follow by cursor',
        ),
      ],
    })
}

/** Both ends are databases that digest their rows, and the rows are told apart by a key that travels as it is. */
async function requireComparable(
  db: Reader,
  mounted: Mounted,
  key: readonly string[],
  targetId: string,
): Promise<void> {
  const [source] = await db.many<{ kind: string }>(sql`select kind from data_source where id = ${mounted.source_id}`)
  if (source === undefined || CONNECTOR_KINDS[source.kind]?.capabilities.sqlFragments !== true)
    refuse('object.state', {
      places: [place('/mode', '该类数据源不能定时比对', 'this kind of source cannot be compared')],
    })
  // The lake keeps changes by copies and increments only: behind such a table it would fall back unseen.
  const landing = await db.maybe(sql`select 1 from data_source s join department d on d.id = s.department_id
    where s.id = ${targetId} and d.kind = 'data_centre'`)
  if (landing)
    refuse('object.state', {
      places: [
        place(
          '/mode',
          '归集到数据中心的任务请用全量或更新时间方式',
          'what lands in the centre is copied or followed by cursor',
        ),
      ],
    })
  if (key.length === 0)
    refuse('object.state', {
      places: [place('/mode', '主键未全部授权或已脱敏，不能比对', 'the key is not granted whole and unmasked')],
    })
}

/** The source keeps a log that can be followed, the receiving side applies it, and the key travels as it is. */
async function requireLogged(db: Reader, mounted: Mounted, key: readonly string[], targetId: string): Promise<void> {
  const ends = await db.many<{
    kind: string
    centre: boolean
    is_source: boolean
  }>(sql`select s.kind, d.kind = 'data_centre' as centre,
      s.id = ${mounted.source_id} as is_source from data_source s join department d on d.id = s.department_id
    where s.id in (${mounted.source_id}, ${targetId})`)
  if (ends.some(({ kind }) => CONNECTOR_KINDS[kind]?.capabilities.changes !== true))
    refuse('object.state', {
      places: [place('/mode', '该类数据库不支持变更日志', 'this kind of database has no log that can be followed')],
    })
  // The lake keeps changes by copies and increments only: behind such a table it would fall back unseen.
  if (ends.some(({ centre, is_source }) => centre && !is_source))
    refuse('object.state', {
      places: [
        place(
          '/mode',
          '归集到数据中心的任务请用全量或更新时间方式',
          'what lands in the centre is copied or followed by cursor',
        ),
      ],
    })
  if (key.length === 0)
    refuse('object.state', {
      places: [
        place('/mode', '主键未全部授权或已脱敏，不能按变更日志同步', 'the key is not granted whole and unmasked'),
      ],
    })
}

/** The grantee's own source, of a kind that can receive tables, or files; answers the schema when none is named. */
async function requireTarget(
  db: Reader,
  id: string,
  granteeId: string,
  mode: Static<typeof ChannelMode>,
): Promise<string> {
  const target = await db.one<{
    department_id: string
    usage: string
    kind: string
    settings: Readonly<Record<string, unknown>>
  }>(sql`select department_id, usage, kind, settings from data_source where id = ${id}`)
  const kind = CONNECTOR_KINDS[target.kind]
  if (target.department_id !== granteeId)
    refuse('request.invalid', {
      places: [place('/targetSourceId', '接收数据源不属于被授权部门', 'not a data source of the grantee')],
    })
  const receives = mode === 'files' ? kind?.capabilities.receivesFiles : kind?.capabilities.load
  if (target.usage === 'provide' || kind === undefined || receives !== true)
    refuse('request.invalid', {
      places: [
        mode === 'files'
          ? place('/targetSourceId', '该数据源不是可接收文件的文件夹', 'this source is no folder that receives files')
          : place('/targetSourceId', '该数据源不能接收库表', 'this source cannot receive tables'),
      ],
    })
  return kind.defaultSchema(target.settings)
}
