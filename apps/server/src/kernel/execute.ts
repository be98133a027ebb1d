import { createHmac } from 'node:crypto'
import type { Endpoint } from '@huitong/contract'
import { login } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { rowsOf, type Actor } from './actor.ts'
import { writeAudit } from './audit.ts'
import { SYSTEM_ROWS, type Reader, type RowContext, type Writer } from './db.ts'
import { codeOf, place, Refusal, refuse } from './errors.ts'
import { endIfFatal } from './fatal.ts'
import type { EventType } from './events.ts'
import type { Services } from './services.ts'
import type {
  AuditNote,
  ClientFacts,
  Command,
  CommandContext,
  Input,
  Poll,
  Query,
  ServiceCall,
  Tick,
  Verb,
} from './verb.ts'
import { eventTopic, notify } from './wake.ts'

/** One request on its way through a verb. */
export interface Call {
  readonly actor: Actor
  readonly requestId: string
  /** Checked against the endpoint when it is first asked for: after the permission, so that a stranger learns nothing. */
  readonly input: Input<Endpoint>
  /** Id of the object in the address, or `-`: what a refusal is recorded with. */
  readonly object: string
  readonly idempotencyKey: string | null
  readonly client: ClientFacts
  setSession(token: string | null): void
}

/** Refusals that say somebody tried what they may not: they leave an audit row of their own. */
const AUDITED_REFUSALS = new Set([
  'permission.denied',
  'object.not_found',
  'request.same_person',
  'role.conflict',
  'grant.inactive',
  'session.credentials',
  'setup.token',
  'enrolment.code',
  'signature.invalid',
])
const POLL_RECHECK_MS = 1_000

/** Runs a verb for an actor. Everything that reaches business data passes here. */
export async function execute(services: Services, verb: Verb, call: Call): Promise<unknown> {
  try {
    requirePermission(verb.endpoint, call.actor)
    switch (verb.kind) {
      case 'command':
        return await runCommand(services, verb, call)
      case 'query':
        return await runQuery(services, verb, call)
      case 'tick':
        return await runTick(services, verb, call)
      case 'poll':
        return await runPoll(services, verb, call)
      case 'call':
        return await runServiceCall(services, verb, call)
    }
  } catch (error) {
    endIfFatal(error)
    // A node that polls with a grant that ended would fill the audit; what it tries to take or give is recorded.
    const polled = call.actor.kind === 'node' && (verb.kind === 'poll' || verb.kind === 'tick')
    // Calls of applications are accounted for by the gateway, refusals too.
    if (AUDITED_REFUSALS.has(codeOf(error)) && !polled && verb.kind !== 'call')
      await auditRefusal(services, verb, call, error)
    throw error
  }
}

/** Default deny: only the access words of the endpoint open it. */
function requirePermission(endpoint: Endpoint, actor: Actor): void {
  if (endpoint.access === 'public') return
  if (endpoint.access === 'node') {
    if (actor.kind !== 'node') refuse('signature.invalid')
    return
  }
  if (endpoint.access === 'application') {
    if (actor.kind !== 'application') refuse('service.signature_missing')
    return
  }
  if (actor.kind !== 'person') refuse('session.required')
  if (endpoint.access !== 'session' && !actor.permissions.has(endpoint.access)) refuse('permission.denied')
}

async function auditRefusal(services: Services, verb: Verb, call: Call, error: unknown): Promise<void> {
  const note: AuditNote = {
    objectKind: verb.endpoint.id.split('.').slice(0, 2).join('.'),
    objectId: (error instanceof Refusal ? error.about : null) ?? call.object,
    detail: { code: codeOf(error) },
  }
  await services.db.write(rowsOf(call.actor), (db) => writeAudit(db, actOf(services, verb, call, 'denied', note)))
}

function actOf(services: Services, verb: Verb, call: Call, outcome: 'done' | 'denied', note: AuditNote | null) {
  return {
    actor: call.actor,
    action: verb.endpoint.id,
    outcome,
    at: services.clock.now(),
    requestId: call.requestId,
    note,
  }
}

async function context(services: Services, call: Call, db: Reader) {
  const { offset_seconds } = await db.one<{ offset_seconds: number }>(sql`select offset_seconds from legal_clock`)
  const now = services.clock.now()
  return {
    actor: call.actor as never,
    requestId: call.requestId,
    now,
    legalNow: new Date(now.getTime() + offset_seconds * 1000),
    services,
    client: call.client,
    setSession: call.setSession,
  }
}

function writing(services: Services, db: Writer): Pick<CommandContext<Endpoint>, 'db' | 'emit' | 'wake'> {
  return {
    db,
    async emit(type: EventType, payload: unknown) {
      await db.run(
        sql`insert into event (at, type, payload) values (${services.clock.now()}, ${type}, ${JSON.stringify(payload)})`,
      )
      await notify(db, eventTopic(type))
    },
    wake: (topic) => notify(db, topic),
  }
}

function sightOf(verb: Command | Query, actor: Actor): RowContext {
  if (verb.rows === 'system') return SYSTEM_ROWS
  return verb.rows === 'accounts' ? { ...rowsOf(actor), accounts: true } : rowsOf(actor)
}

async function runCommand(services: Services, verb: Command, call: Call): Promise<unknown> {
  requireRepeatable(verb, call)
  const prepared = await verb.prepare?.(services, call.input)
  return services.db.write(sightOf(verb, call.actor), async (db) => {
    const replay = await earlierReply(services, db, verb, call)
    if (replay) return replay.reply
    const reply = await verb.run(
      { ...(await context(services, call, db)), ...writing(services, db), prepared },
      call.input,
    )
    await writeAudit(db, actOf(services, verb, call, 'done', verb.audit(call.input, reply as never)))
    await notify(db, 'audit')
    await keepReply(services, db, verb, call, reply)
    return reply
  })
}

/** A sign-in repeated by its key would hand out the reply of a session without the session, and to anybody. */
function requireRepeatable(verb: Command, call: Call): void {
  if (call.idempotencyKey !== null && verb.endpoint.id === login.id)
    refuse('request.invalid', {
      places: [place('#/headers/idempotency-key', '登录不使用幂等键', 'a sign-in takes no key')],
    })
}

/** Whose keys they are: a person's, a node's; strangers share no name, so theirs go by where they come from. */
const keeperOf = ({ actor, client }: Call) => (actor.kind === 'public' ? `public/${client.address}` : actor.id)

/** Keyed, because bodies may hold passwords, which an unkeyed hash would let be guessed. */
const requestHash = (services: Services, verb: Verb, call: Call) =>
  createHmac('sha256', services.secrets.derive('idempotency'))
    .update(JSON.stringify([verb.endpoint.id, call.input.params, call.input.query, call.input.body, call.input.match]))
    .update(call.input.bytes)
    .digest()

/** A repeated write with the same key and content gets the reply of the first; with other content a refusal. */
async function earlierReply(
  services: Services,
  db: Writer,
  verb: Command,
  call: Call,
): Promise<{ reply: unknown } | null> {
  if (call.idempotencyKey === null) return null
  // Serialises two requests with one key: the second waits for the first to commit.
  await db.many(sql`select pg_advisory_xact_lock(hashtextextended(${`${keeperOf(call)}/${call.idempotencyKey}`}, 0))`)
  const earlier = await db.maybe<{ request_hash: Buffer; reply: { sealed: string } }>(
    sql`select request_hash, reply from idempotency where actor = ${keeperOf(call)} and key = ${call.idempotencyKey}`,
  )
  if (!earlier) return null
  if (!earlier.request_hash.equals(requestHash(services, verb, call))) refuse('request.idempotency_conflict')
  const reply = services.secrets.open(Buffer.from(earlier.reply.sealed, 'base64'), replyContext(call))
  return { reply: JSON.parse(reply.toString('utf8')) as unknown }
}

/** Replies are kept sealed: some hold what is shown only once, such as an enrolment code. */
const replyContext = (call: Call) => `idempotency/${keeperOf(call)}/${call.idempotencyKey}`

async function keepReply(services: Services, db: Writer, verb: Command, call: Call, reply: unknown): Promise<void> {
  if (call.idempotencyKey === null) return
  const sealed = services.secrets.seal(Buffer.from(JSON.stringify(reply)), replyContext(call)).toString('base64')
  await db.run(sql`insert into idempotency (actor, key, endpoint, request_hash, status, reply, at)
    values (${keeperOf(call)}, ${call.idempotencyKey}, ${verb.endpoint.id}, ${requestHash(services, verb, call)}, ${verb.endpoint.status},
      ${JSON.stringify({ sealed })}, ${services.clock.now()})`)
}

async function runQuery(services: Services, verb: Query, call: Call): Promise<unknown> {
  const found = await services.db.read(sightOf(verb, call.actor), async (db) =>
    verb.run({ ...(await context(services, call, db)), db }, call.input),
  )
  const reply: unknown = typeof found === 'function' ? await (found as () => Promise<unknown>)() : found
  const note = verb.audit?.(call.input, reply as never)
  if (note)
    await services.db.write(rowsOf(call.actor), (db) => writeAudit(db, actOf(services, verb, call, 'done', note)))
  return reply
}

async function runTick(services: Services, verb: Tick, call: Call): Promise<unknown> {
  return services.db.tick(async (db) => verb.run({ ...(await context(services, call, db)), db }, call.input))
}

function runServiceCall(services: Services, verb: ServiceCall, call: Call): Promise<unknown> {
  const { actor, requestId } = call
  return verb.run({ actor: actor as never, requestId, now: services.clock.now(), services }, call.input)
}

async function runPoll(services: Services, verb: Poll, call: Call): Promise<unknown> {
  const until = performance.now() + verb.waitSeconds(call.input) * 1000
  const topic = verb.topic(call.actor as never, call.input)
  for (;;) {
    // Waiting begins before the question is asked, so that a wake-up in between is not missed.
    const stop = new AbortController()
    const remaining = until - performance.now()
    const woken = services.wake.wait(topic, Math.max(1, Math.min(remaining, POLL_RECHECK_MS)), stop.signal)
    const reply = await attempt(services, verb, call)
    if (reply !== null || remaining <= 0) {
      stop.abort()
      return reply ?? verb.empty(call.input)
    }
    await woken
  }
}

async function attempt(services: Services, verb: Poll, call: Call): Promise<unknown> {
  const ask = async (db: Writer) => verb.attempt({ ...(await context(services, call, db)), db }, call.input)
  return verb.on === 'tick' ? services.db.tick(ask) : services.db.read(rowsOf(call.actor), (db) => ask(db as Writer))
}

/**
 * A business write of the platform itself (a job, a subscriber): same transaction, same audit, same events as a
 * command; `action` is listed in `actions.ts`.
 */
export async function act<T>(
  services: Services,
  actor: Actor,
  action: string,
  run: (
    context: Pick<CommandContext<Endpoint>, 'db' | 'emit' | 'wake'> & { legalNow: Date; now: Date },
  ) => Promise<{ value: T; audit: AuditNote | null }>,
): Promise<T> {
  return services.db.write(rowsOf(actor), async (db) => {
    const { offset_seconds } = await db.one<{ offset_seconds: number }>(sql`select offset_seconds from legal_clock`)
    const now = services.clock.now()
    const { value, audit } = await run({
      ...writing(services, db),
      now,
      legalNow: new Date(now.getTime() + offset_seconds * 1000),
    })
    if (audit) {
      await writeAudit(db, { actor, action, outcome: 'done', at: now, requestId: '-', note: audit })
      await notify(db, 'audit')
    }
    return value
  })
}
