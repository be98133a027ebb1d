import { registerCentreSource } from '@huitong/contract/centre'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { addSource } from '../nodes/index.ts'

/**
 * Registers the centre's database as the receiving source of the centre's own node. The account's password goes from
 * the platform's secrets straight into a box that only the node opens.
 */
export const registerSourceVerb = command<typeof registerCentreSource>({
  endpoint: registerCentreSource,
  audit: (_input, reply) => ({ objectKind: 'data_source', objectId: reply.id, detail: { node: reply.nodeId } }),
  async run(context, { body }) {
    const { db, services } = context
    const loaderUrl = services.centreLoaderUrl ?? refuse('centre.unavailable', { detail: 'no database of our own' })
    const node = await db.one<{
      kind: string
    }>(sql`select d.kind from node n join department d on d.id = n.department_id
      where n.id = ${body.nodeId}`)
    if (node.kind !== 'data_centre')
      refuse('request.invalid', {
        places: [place('/nodeId', '不是大数据中心的节点', 'not a node of a data centre')],
      })
    const url = new URL(loaderUrl)
    const database = decodeURIComponent(url.pathname.slice(1))
    const known = await db.maybe(sql`select 1 from data_source
      where node_id = ${body.nodeId} and settings->>'database' = ${database}`)
    if (known) refuse('object.exists')
    return addSource(context, {
      name: { zh: '数据资源中心接收库', en: 'Resource centre database' },
      nodeId: body.nodeId,
      kind: 'postgresql',
      settings: {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(url.port || '5432'),
        database,
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
        tls: tlsOf(url),
      },
      usage: 'receive',
      frontDatabase: true,
    })
  },
})

/** As the platform itself reaches its database. */
function tlsOf(url: URL): 'off' | 'require' | 'verify' {
  const mode = url.searchParams.get('sslmode')
  if (mode === 'verify-full' || mode === 'verify-ca') return 'verify'
  return mode === 'require' ? 'require' : 'off'
}
