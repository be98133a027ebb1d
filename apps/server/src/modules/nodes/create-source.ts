import { randomUUID } from 'node:crypto'
import type { BodyOf, ReplyOf } from '@huitong/contract'
import { createSource } from '@huitong/contract/nodes'
import { encodeBox, sealBox } from '@huitong/segment'
import { sql } from 'kysely'
import { Check, Errors } from 'typebox/value'
import { place, refuse } from '../../kernel/errors.ts'
import { placesOf } from '../../kernel/validate.ts'
import { command, type CommandContext } from '../../kernel/verb.ts'
import { CONNECTOR_KINDS } from './connector-kinds.ts'
import { UPLOADS } from './upload-view.ts'
import { readSourceView } from './views.ts'

export const SOURCE_SECRETS_INFO = 'huitong/source-secrets/v1'

interface Node {
  department_id: string
  sealing_key: Buffer | null
  link: string
}

/** Registers a data source of a node. Its secrets are sealed to the node's key at once; the platform cannot open them. */
export const createSourceVerb = command<typeof createSource>({
  endpoint: createSource,
  audit: (_input, reply) => ({
    objectKind: 'data_source',
    objectId: reply.id,
    detail: { kind: reply.kind, node: reply.nodeId },
  }),
  async run(context, { body }) {
    return addSource(context, body)
  },
})

/** Adds a data source in the transaction of a command; its secrets are sealed to the node's key at once. */
export async function addSource(
  { db, actor, now }: Pick<CommandContext<typeof createSource>, 'db' | 'actor' | 'now'>,
  body: BodyOf<typeof createSource>,
): Promise<ReplyOf<typeof createSource>> {
  const secretNames = requireSettings(body.kind, body.settings)
  if (!body.frontDatabase && !body.consent)
    refuse('request.invalid', {
      places: [
        place(
          '/consent',
          '直接读取业务库须有部门书面同意',
          'direct reading needs the written consent of the department',
        ),
      ],
    })
  const node = await db.one<Node>(sql`select department_id, sealing_key, link from node where id = ${body.nodeId}`)
  if (node.sealing_key === null)
    refuse('object.state', { places: [place('/nodeId', '节点尚未注册', 'the node has not enrolled yet')] })
  if (body.kind === UPLOADS && node.link !== 'line')
    refuse('node.ferried', {
      places: [place('/nodeId', '上传的文件由节点从平台取，须有连接', 'the node fetches uploads over a line')],
    })
  const entries = Object.entries(body.settings)
  const open = Object.fromEntries(entries.filter(([name]) => !secretNames.has(name)))
  const secret = Object.fromEntries(entries.filter(([name]) => secretNames.has(name)))
  const box = await sealBox(node.sealing_key.toString('base64'), Buffer.from(JSON.stringify(secret)), {
    info: SOURCE_SECRETS_INFO,
  })
  const id = randomUUID()
  await db.run(sql`insert into data_source (id, jurisdiction, department_id, node_id, name, kind, settings, secrets, usage,
      front_database, consent, created_at)
    values (${id}, ${actor.jurisdiction}, ${node.department_id}, ${body.nodeId}, ${JSON.stringify(body.name)}, ${body.kind},
      ${JSON.stringify(open)}, ${secretNames.size > 0 ? Buffer.from(encodeBox(box), 'base64') : null}, ${body.usage},
      ${body.frontDatabase}, ${body.consent ?? null}, ${now})`)
  return readSourceView(db, id)
}

/** Checks the settings against the connector's own schema, naming every place; answers which of them are secret. */
function requireSettings(kind: string, settings: Readonly<Record<string, unknown>>): Set<string> {
  const description = CONNECTOR_KINDS[kind]
  if (!description)
    refuse('source.settings', { places: [place('/kind', '没有这种连接器', 'no such kind of connector')] })
  const schema = description.settingsSchema
  if (!Check(schema, settings)) {
    refuse('source.settings', { places: placesOf(Errors(schema, settings), '/settings') })
  }
  const { properties = {} } = schema as { properties?: Record<string, { writeOnly?: boolean }> }
  return new Set(Object.entries(properties).flatMap(([name, one]) => (one.writeOnly && name in settings ? [name] : [])))
}
