import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createNode } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { nodeView, SELECT_NODE } from './views.ts'

const CODE_HOURS = 24

export const enrolmentHash = (code: string) => createHash('sha256').update(`enrolment/${code}`).digest()

/** Registers a node and answers its one-time enrolment code; only the code's hash is kept. */
export const createNodeVerb = command<typeof createNode>({
  endpoint: createNode,
  audit: (_input, reply) => ({
    objectKind: 'node',
    objectId: reply.node.id,
    detail: { departmentId: reply.node.departmentId },
  }),
  async run({ db, actor, now }, { body }) {
    const department = await db.one<{ valid_to: string | null }>(
      sql`select valid_to from department where id = ${body.departmentId}`,
    )
    if (department.valid_to !== null) refuse('department.abolished')
    const id = randomUUID()
    const code = randomBytes(18).toString('base64url')
    const expiresAt = new Date(now.getTime() + CODE_HOURS * 3_600_000)
    await db.run(sql`insert into node (id, jurisdiction, department_id, name, enrolment_hash, enrolment_expires_at, created_at)
      values (${id}, ${actor.jurisdiction}, ${body.departmentId}, ${JSON.stringify(body.name)}, ${enrolmentHash(code)}, ${expiresAt}, ${now})`)
    const row = await db.one<Parameters<typeof nodeView>[0]>(sql`${SELECT_NODE} where n.id = ${id}`)
    return { node: nodeView(row, now), enrolmentCode: code, expiresAt: expiresAt.toISOString() }
  },
})
