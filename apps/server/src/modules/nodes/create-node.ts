import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { ticketText } from '@huitong/contract/ferry'
import { createNode } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { nodeView, SELECT_NODE } from './views.ts'

const CODE_HOURS = 24
/** A ticket is carried to its node, and the first file of the node back. */
const TICKET_HOURS = 30 * 24

export const enrolmentHash = (code: string) => createHash('sha256').update(`enrolment/${code}`).digest()

/** Registers a node and answers its one-time enrolment code; only the code's hash is kept. */
export const createNodeVerb = command<typeof createNode>({
  endpoint: createNode,
  audit: (_input, reply) => ({
    objectKind: 'node',
    objectId: reply.node.id,
    detail: { departmentId: reply.node.departmentId },
  }),
  async run({ db, actor, now, services }, { body }) {
    const department = await db.one<{ valid_to: string | null }>(
      sql`select valid_to from department where id = ${body.departmentId}`,
    )
    if (department.valid_to !== null) refuse('department.abolished')
    const id = randomUUID()
    const code = randomBytes(18).toString('base64url')
    const link = body.link ?? 'line'
    const expiresAt = new Date(now.getTime() + (link === 'line' ? CODE_HOURS : TICKET_HOURS) * 3_600_000)
    await db.run(sql`insert into node (id, jurisdiction, department_id, name, link, enrolment_hash, enrolment_expires_at, created_at)
      values (${id}, ${actor.jurisdiction}, ${body.departmentId}, ${JSON.stringify(body.name)}, ${link}, ${enrolmentHash(code)},
        ${expiresAt}, ${now})`)
    const row = await db.one<Parameters<typeof nodeView>[0]>(sql`${SELECT_NODE} where n.id = ${id}`)
    const { signing, sealing } = services.keys
    const platform = {
      signingKey: signing.publicKey.toString('base64'),
      sealingKey: sealing.publicKey.toString('base64'),
    }
    const facts = { v: 1 as const, link, code, nodeId: id, departmentId: body.departmentId, name: body.name, platform }
    const enrolmentCode = link === 'line' ? code : ticketText(facts)
    return { node: nodeView(row, now), enrolmentCode, expiresAt: expiresAt.toISOString() }
  },
})
