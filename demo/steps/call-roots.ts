import { createHash, createHmac } from 'node:crypto'
import { canonical } from '../run/signatures.ts'
import { until, type World } from '../run/world.ts'

export interface CallRootFigures {
  calls_sealed: number
  call_roots: number
  call_roots_wrong: string[]
}

/** A closed minute is sealed soon after its end. */
const WAIT_MS = 120_000

/** One call as the platform's own table has it, every column as text. */
interface Call {
  readonly root_id: string
  readonly salt: string
  readonly content: string
}
interface Root {
  readonly id: string
  readonly root: string
  readonly calls: string
  /** Root that the act's own row in the audit names, when that row has its place in the ledger. */
  readonly audited: string | null
}

/** Waits until the minutes of the calls are sealed, and computes each Merkle root again with the code below alone. */
export async function checkCallRoots(world: World): Promise<CallRootFigures> {
  const { serviceId } = world.made
  if (serviceId === undefined) return { calls_sealed: 0, call_roots: 0, call_roots_wrong: ['there is no service'] }
  const open = 'select count(*) as n from service_call where service_id = $1 and root_id is null'
  const left = async () => Number((await world.platformSql.rows<{ n: string }>(open, [serviceId]))[0]!.n)
  await until('the seal of the calls', async () => (await left()) === 0, WAIT_MS)
  const calls = await world.platformSql.rows<Call>(CALLS, [serviceId])
  const find = () => world.platformSql.rows<Root>(ROOTS, [serviceId])
  await until('the roots in the ledger', async () => (await find()).every((one) => one.audited !== null), WAIT_MS)
  const roots = await find()
  const wrong = roots.filter(({ id, root, calls: count, audited }) => {
    const leaves = calls.filter((call) => call.root_id === id).map(leafOf)
    const own = `\\x${rootOf(leaves).toString('hex')}`
    return own !== root || `\\x${audited}` !== root || Number(count) !== leaves.length
  })
  return { calls_sealed: calls.length, call_roots: roots.length, call_roots_wrong: wrong.map((one) => one.id) }
}

const CALLS = `select root_id, salt, jsonb_build_object('v', 1, 'id', id::text,
    'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'application', application_id,
    'department', department_id, 'service', service_id, 'opening', opening_id, 'matter', matter_code, 'outcome', outcome,
    'rows', rows::text, 'requestId', request_id, 'asked', encode(query_digest, 'hex'))::text as content
  from service_call where service_id = $1 order by id`
const ROOTS = `select r.id, r.root, r.calls, (select a.content::jsonb->'detail'->>'root' from audit a
    join audit_leaf l on l.audit_id = a.id where a.object_kind = 'call_root' and a.object_id = r.id::text) as audited
  from call_root r where r.service_id = $1`

const bytes = (text: string): Buffer => Buffer.from(text.replace(/^\\x/, ''), 'hex')
const hash = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 6962: a leaf is hashed behind a zero byte; what is hashed is the salted commitment to the call. */
const leafOf = ({ salt, content }: Call): Buffer =>
  hash(
    Buffer.from([0]),
    createHmac('sha256', bytes(salt))
      .update(canonical(JSON.parse(content) as unknown))
      .digest(),
  )

/** RFC 6962: a node is hashed behind a one; the left part has the largest power of two below the whole. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return hash()
  if (leaves.length === 1) return leaves[0]!
  let left = 1
  while (left * 2 < leaves.length) left *= 2
  return hash(Buffer.from([1]), rootOf(leaves.slice(0, left)), rootOf(leaves.slice(left)))
}
