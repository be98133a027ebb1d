import type { BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from '@huitong/contract'
import type { Actor, ApplicationActor, NodeActor, Person, PublicActor } from './actor.ts'
import type { Reader, Writer } from './db.ts'
import type { EventType, EventPayload } from './events.ts'
import type { Services } from './services.ts'

/** The actor of an endpoint follows from its access: a person for a permission or `session`, a node for `node`, and so on. */
export type ActorOf<E extends Endpoint> = E['access'] extends 'public'
  ? PublicActor | Person
  : E['access'] extends 'node'
    ? NodeActor
    : E['access'] extends 'application'
      ? ApplicationActor
      : Person

export interface Input<E extends Endpoint> {
  readonly params: ParamsOf<E>
  readonly query: QueryOf<E>
  readonly body: BodyOf<E>
  /** Raw bytes of an `upload`; empty otherwise. */
  readonly bytes: Buffer
  /** Version that `If-Match` names; 0 where the endpoint does not ask for it. */
  readonly match: number
}

/** What the request itself tells of the one who sends it. */
export interface ClientFacts {
  readonly token: string | null
  readonly agent: string | null
  readonly address: string
  /** Whether the request is signed, in time, with the private half of this raw Ed25519 key (base64). */
  readonly holdsKey: (publicKey: string) => boolean
}

interface Context<E extends Endpoint> {
  readonly actor: ActorOf<E>
  readonly requestId: string
  readonly now: Date
  /** Legal time: now plus the offset that only demo mode can set. */
  readonly legalNow: Date
  readonly services: Services
  readonly client: ClientFacts
  /** Sets or clears the session cookie of the reply. */
  setSession(token: string | null): void
}

export interface CommandContext<E extends Endpoint> extends Context<E> {
  readonly db: Writer
  /** What the command's `prepare` answered. */
  readonly prepared: unknown
  /** Records a fact for other modules, in this transaction. */
  emit<T extends EventType>(type: T, payload: EventPayload<T>): Promise<void>
  /** Wakes whoever waits for the topic, when this transaction commits. */
  wake(topic: string): Promise<void>
}
export interface QueryContext<E extends Endpoint> extends Context<E> {
  readonly db: Reader
}

/** What the audit row says beside actor, action and time. `detail` must hold no personal data. */
export interface AuditNote {
  readonly objectKind: string
  readonly objectId: string
  readonly detail?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>
}

export interface Command<E extends Endpoint = Endpoint> {
  readonly kind: 'command'
  readonly endpoint: E
  /**
   * `system`: runs with the platform's own sight, because the caller is not known before it (login, enrolment).
   * `accounts`: the caller's sight, and the passwords and sessions of others in the jurisdiction.
   */
  readonly rows?: 'system' | 'accounts'
  readonly audit: (input: Input<E>, reply: ReplyOf<E>) => AuditNote
  /** Slow work that needs no transaction, done before it begins; `run` finds what it answered as `prepared`. */
  readonly prepare?: (services: Services, input: Input<E>) => Promise<unknown>
  readonly run: (context: CommandContext<E>, input: Input<E>) => Promise<ReplyOf<E>>
}
export interface Query<E extends Endpoint = Endpoint> {
  readonly kind: 'query'
  readonly endpoint: E
  /** As for commands: only for public endpoints that show nothing of the caller's. */
  readonly rows?: 'system'
  /** Reads of personal data or of disclosed evidence commit an audit row of their own before the reply; null: this one read none. */
  readonly audit: ((input: Input<E>, reply: ReplyOf<E>) => AuditNote | null) | null
  /** Answers, or says how the answer is found once the transaction is over: what takes long must hold no connection. */
  readonly run: (context: QueryContext<E>, input: Input<E>) => Promise<ReplyOf<E> | (() => Promise<ReplyOf<E>>)>
}
/** Technical state only (leases, presence, cursors): the database role allows named tables and nothing else. */
export interface Tick<E extends Endpoint = Endpoint> {
  readonly kind: 'tick'
  readonly endpoint: E
  readonly run: (context: QueryContext<E> & { readonly db: Writer }, input: Input<E>) => Promise<ReplyOf<E>>
}
/** A question that may wait: `attempt` is asked again whenever `topic` is woken, until it answers or the wait ends. */
export interface Poll<E extends Endpoint = Endpoint> {
  readonly kind: 'poll'
  readonly endpoint: E
  readonly on: 'tick' | 'query'
  readonly topic: (actor: ActorOf<E>, input: Input<E>) => string
  readonly waitSeconds: (input: Input<E>) => number
  /** null: nothing yet. At the end of the wait `empty` is answered. */
  readonly attempt: (context: QueryContext<E> & { readonly db: Writer }, input: Input<E>) => Promise<ReplyOf<E> | null>
  readonly empty: (input: Input<E>) => ReplyOf<E>
}

/**
 * A call of a service by an application: it reads the resource centre and keeps its own account of what was answered, which
 * is durable before the reply; no transaction on the platform's business tables is opened for it.
 */
export interface ServiceCall<E extends Endpoint = Endpoint> {
  readonly kind: 'call'
  readonly endpoint: E
  readonly run: (
    context: Pick<Context<E>, 'actor' | 'requestId' | 'now' | 'services'>,
    input: Input<E>,
  ) => Promise<ReplyOf<E>>
}

export type Verb = Command | Query | Tick | Poll | ServiceCall

/** A business write: permission (of the endpoint), transaction, audit row and events are parts of its shape. */
export function command<E extends Endpoint>(given: Omit<Command<E>, 'kind'>): Command {
  return { kind: 'command', ...given } as unknown as Command
}
/** A read, in a READ ONLY transaction. */
export function query<E extends Endpoint>(given: Omit<Query<E>, 'kind'>): Query {
  return { kind: 'query', ...given } as unknown as Query
}
/** A change of technical state. */
export function tick<E extends Endpoint>(given: Omit<Tick<E>, 'kind'>): Tick {
  return { kind: 'tick', ...given } as unknown as Tick
}
/** A long poll. */
export function poll<E extends Endpoint>(given: Omit<Poll<E>, 'kind'>): Poll {
  return { kind: 'poll', ...given } as unknown as Poll
}

/** A call by an application. */
export function serviceCall<E extends Endpoint>(given: Omit<ServiceCall<E>, 'kind'>): ServiceCall {
  return { kind: 'call', ...given } as unknown as ServiceCall
}

/** Bytes as the reply of a `stream` endpoint. */
export interface Bytes {
  readonly contentType: string
  readonly body: Buffer | NodeJS.ReadableStream
  readonly fileName?: string
  readonly immutable?: boolean
}
export const bytes = (given: Bytes): Bytes => given

export type AnyActor = Actor
