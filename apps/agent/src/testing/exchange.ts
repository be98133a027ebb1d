import { randomBytes, randomUUID } from 'node:crypto'
import { type Database, mysql, postgresql, type PostgresqlSettings, type TableName } from '@huitong/connectors'
import type {
  ApplyInput,
  ChangeCursor,
  ReadInput,
  ReconcileInput,
  SignedGrant,
  SourceAccess,
} from '@huitong/contract/work'
import type { GrantDocument } from '@huitong/policy'
import { canonicalJson, type CanonicalValue, encodeBox, keyIdOf, sealBox, signBytes } from '@huitong/segment'
import { Client } from 'pg'
import type { Static } from 'typebox'
import { fieldsHash } from '../shape.ts'
import { AgentProcess } from './agent-process.ts'
import { TestPlatform } from './platform.ts'
import type { Node, Work } from './work-queue.ts'

type Columns = ReadInput['columns']

/** The kind of database that a connection string names. */
const kindOf = (url: string) => (url.startsWith('mysql:') ? 'mysql' : 'postgresql')

/** Connector settings from a connection string of the harness; those of MySQL have the same names. */
export function settingsOf(url: string): PostgresqlSettings {
  const at = new URL(url)
  return {
    host: at.hostname,
    port: Number(at.port),
    database: decodeURIComponent(at.pathname.slice(1)),
    user: decodeURIComponent(at.username),
    password: decodeURIComponent(at.password),
    tls: 'off',
  }
}

/** Runs statements and gives the rows of the last one. */
export async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  // A server that is killed while the answer is read tells it by an event as well.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const result = await client.query(sql)
    return (Array.isArray(result) ? result.at(-1) : result).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

/** A source as the platform gives it to a node: the password sealed to the node's key. */
export async function accessTo(
  settings: PostgresqlSettings,
  node: Node,
  kind: 'postgresql' | 'mysql' = 'postgresql',
): Promise<SourceAccess> {
  const { password, ...open } = settings
  const plain = Buffer.from(JSON.stringify({ password }))
  const box = await sealBox(node.sealingKey, plain, { info: 'huitong/source-secrets/v1' })
  return { sourceId: randomUUID(), kind, settings: open, secrets: encodeBox(box) }
}

/** Two departments with an agent and a database each, and a platform between. */
export class Exchange {
  readonly platform = new TestPlatform()
  readonly provider: AgentProcess
  readonly consumer: AgentProcess
  readonly #nodes: { provider: Node; consumer: Node }
  readonly source: PostgresqlSettings
  readonly target: PostgresqlSettings
  readonly #kinds: { readonly source: 'postgresql' | 'mysql'; readonly target: 'postgresql' | 'mysql' }
  stream: string = randomUUID()
  /** Receiving table. */
  received = 'received'
  readonly #table: TableName
  /** What travels; to be changed before a channel begins. */
  columns: Columns
  key: string[]
  /** Changes to the grant before it is signed. */
  grant: Partial<GrantDocument> = {}
  /** The convention that the source's table keeps, when it does. */
  changes: ReadInput['changes'] | null = null

  private constructor(
    agents: { provider: AgentProcess; consumer: AgentProcess },
    nodes: { provider: Node; consumer: Node },
    platform: TestPlatform,
    options: ExchangeOptions,
  ) {
    this.platform = platform
    this.provider = agents.provider
    this.consumer = agents.consumer
    this.#nodes = nodes
    this.source = settingsOf(options.sourceUrl)
    this.target = settingsOf(options.targetUrl)
    this.#kinds = { source: kindOf(options.sourceUrl), target: kindOf(options.targetUrl) }
    this.#table = { schema: this.#schemaOf('source'), name: options.table }
    this.columns = options.columns
    this.key = options.key
  }

  /** Starts the platform and both agents, and waits until they have enrolled. */
  static async start(options: ExchangeOptions): Promise<Exchange> {
    const platform = new TestPlatform()
    await platform.start()
    const make = (env: NodeJS.ProcessEnv = {}) => {
      const { code, departmentId } = platform.enrolmentCode()
      const agent = new AgentProcess(
        { HUITONG_PLATFORM_URL: platform.url, HUITONG_ENROLMENT_CODE: code, ...env },
        options.program,
        options.flags,
      )
      agent.start()
      return { agent, departmentId }
    }
    const provider = make(options.providerEnv)
    const consumer = make(options.consumerEnv)
    const nodes = {
      provider: await platform.node(provider.departmentId),
      consumer: await platform.node(consumer.departmentId),
    }
    const exchange = new Exchange({ provider: provider.agent, consumer: consumer.agent }, nodes, platform, options)
    platform.streams.create(exchange.stream, nodes.provider)
    // A lost snapshot is read again as the next generation, as the platform does it.
    platform.work.onEnd = (work) => {
      if (work.problem?.code !== 'snapshot.lost') return
      const input = work.input as ReadInput
      platform.work.queue(nodes.provider, 'read', { ...input, generation: platform.streams.next(input.stream) })
    }
    return exchange
  }

  /** Another channel between the same two, into a table of its own. */
  fresh(received: string): void {
    this.stream = randomUUID()
    this.received = received
    this.grant = {}
    this.platform.streams.create(this.stream, this.#nodes.provider)
  }

  /** A schema of PostgreSQL, or the database itself, which is one in MySQL. */
  #schemaOf(side: 'source' | 'target'): string {
    return this.#kinds[side] === 'mysql' ? this[side].database : 'public'
  }

  /** One end, as the agent opens it. */
  database(side: 'source' | 'target'): Database {
    return (this.#kinds[side] === 'mysql' ? mysql : postgresql).open(this[side])
  }

  get nodes(): { provider: Node; consumer: Node } {
    return this.#nodes
  }

  signGrant(change: Partial<GrantDocument> = {}): Static<typeof SignedGrant> {
    const grant: GrantDocument = {
      v: 1,
      id: randomUUID(),
      number: 'SQ-2026-1',
      requestId: randomUUID(),
      dataset: { id: randomUUID(), code: '000001', version: 1 },
      grantor: { departmentId: this.#nodes.provider.departmentId },
      grantee: { departmentId: this.#nodes.consumer.departmentId },
      items: this.columns.map(({ item }) => item),
      rowFilter: { op: 'true' },
      masks: [],
      purpose: '测试',
      matterCode: '01',
      method: 'table',
      validFrom: '2020-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
      rowsPerDayMax: null,
      ...this.grant,
      ...change,
    }
    const document = canonicalJson(grant as unknown as CanonicalValue)
    const { privateKey, keyId } = this.platform.signing
    const signature = signBytes(privateKey, 'huitong/grant/v1', Buffer.from(document))
    return { document, signature, keyId }
  }

  async readInput(): Promise<ReadInput> {
    const { provider, consumer } = this.#nodes
    const now = await this.database('source').describe(this.#table)
    const { sealing } = this.platform
    return {
      stream: this.stream,
      generation: this.platform.streams.generation(this.stream),
      source: await accessTo(this.source, provider, this.#kinds.source),
      table: this.#table,
      columns: this.columns,
      key: this.key,
      grant: this.signGrant(),
      schemaHash: now === null ? '0'.repeat(64) : fieldsHash(now),
      payload: 'rows',
      ...(this.changes == null ? {} : { changes: this.changes }),
      keys: null,
      recipients: [
        { keyId: sealing.keyId, publicKey: sealing.publicKey },
        { keyId: keyIdOf(consumer.sealingKey), publicKey: consumer.sealingKey },
      ],
    }
  }

  async applyInput(): Promise<ApplyInput> {
    const { provider, consumer } = this.#nodes
    return {
      stream: this.stream,
      target: await accessTo(this.target, consumer, this.#kinds.target),
      table: { schema: this.#schemaOf('target'), name: this.received },
      columns: this.columns,
      key: this.key,
      payload: 'rows',
      deleteKeys: null,
      sealers: [{ keyId: provider.keyId, publicKey: provider.signingKey }],
    }
  }

  async reconcileInput(side: 'source' | 'target', secret: Buffer): Promise<ReconcileInput> {
    const node = side === 'source' ? this.#nodes.provider : this.#nodes.consumer
    const box = await sealBox(node.sealingKey, secret, { info: 'huitong/digest-secret/v1' })
    return {
      reconciliation: randomUUID(),
      side,
      source: await accessTo(this[side], node, this.#kinds[side]),
      table: side === 'source' ? this.#table : { schema: this.#schemaOf('target'), name: this.received },
      columns: this.columns,
      key: this.key,
      grant: side === 'source' ? this.signGrant() : null,
      secret: encodeBox(box),
      buckets: 64,
      drill: null,
    }
  }

  /** Queues an increment: a stream of its own, read since a cursor and applied. */
  async beginIncrement(cursor: ChangeCursor): Promise<{ stream: string; read: Work; apply: Work }> {
    const stream = randomUUID()
    const { provider, consumer } = this.#nodes
    this.platform.streams.create(stream, provider)
    const changes = { ...this.changes!, cursor }
    const read = { ...(await this.readInput()), stream, generation: 1, payload: 'changes' as const, changes }
    const apply = { ...(await this.applyInput()), stream, payload: 'changes' as const }
    return {
      stream,
      read: this.platform.work.queue(provider, 'read', read),
      apply: this.platform.work.queue(consumer, 'apply', apply),
    }
  }

  /** Puts the next generation in force and queues its reading. */
  async readAgain(): Promise<Work> {
    const input = await this.readInput()
    const generation = this.platform.streams.next(this.stream)
    return this.platform.work.queue(this.#nodes.provider, 'read', { ...input, generation })
  }

  /** Queues reading and applying of the generation in force. */
  async begin(): Promise<{ read: Work; apply: Work }> {
    const read = this.platform.work.queue(this.#nodes.provider, 'read', await this.readInput())
    const apply = this.platform.work.queue(this.#nodes.consumer, 'apply', await this.applyInput())
    return { read, apply }
  }

  async stop(): Promise<void> {
    await Promise.all([this.provider.dispose(), this.consumer.dispose()])
    await this.platform.stop()
  }
}

/** What an exchange is made of. */
export interface ExchangeOptions {
  readonly sourceUrl: string
  readonly targetUrl: string
  readonly table: string
  readonly columns: Columns
  readonly key: string[]
  readonly providerEnv?: NodeJS.ProcessEnv
  readonly consumerEnv?: NodeJS.ProcessEnv
  readonly program?: string
  readonly flags?: readonly string[]
}

/** A fresh secret for row digests. */
export const digestSecret = () => randomBytes(32)
