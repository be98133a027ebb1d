import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createClient, type Client } from '@huitong/contract'
import {
  createNode,
  createSource,
  discoverSource,
  enrolNode,
  finishWork,
  listTables,
  pollWork,
  type DiscoveredTable,
} from '@huitong/contract/nodes'
import { signRequest, splitTarget } from '@huitong/contract/signature'
import type { DiscoverResult } from '@huitong/contract/work'
import { keyIdOf } from '@huitong/segment'
import type { Static } from 'typebox'
import type { TestPlatform } from '../../../../../../tests/harness/platform.ts'

type Table = DiscoverResult['tables'][number]

/** A discovered table of the civil affairs department's front database. */
export const VILLAGES_TABLE: Table = {
  schema: 'public',
  name: 'villages',
  comment: '行政村和社区',
  suggestedName: '行政村和社区',
  rowEstimate: '620573',
  key: ['Code'],
  schemaHash: 'a'.repeat(64),
  fields: [
    ['Code', 'varchar(12)', '统计用区划代码'],
    ['name', 'text', '名称'],
    ['province', 'text', null],
    ['head_name', 'text', '负责人姓名'],
    ['负责人身份证号', 'char(18)', null],
    ['updated_at', 'timestamptz', null],
    ['tenure', 'interval', null],
    ['households', 'bigint', null],
    ['area', 'numeric(12,2)', null],
  ].map(([name, type, suggestedName], position) => ({
    name: name!,
    type: type!,
    canonicalType: type!,
    nullable: position > 0,
    length: /\((\d+)\)/.test(type!) ? Number(/\((\d+)\)/.exec(type!)![1]) : null,
    position: position + 1,
    comment: null,
    suggestedName: suggestedName!,
  })),
}

/** A node of a department that enrolled, with the client that signs its requests by its own key. */
export async function enrolFront(
  platform: TestPlatform,
  departmentId: string,
): Promise<{ id: string; client: Client }> {
  const centre = await platform.as('centre')
  const body = { departmentId, name: { zh: '前置节点' } }
  const { node, enrolmentCode } = await centre.call(createNode, { body })
  const signing = generateKeyPairSync('ed25519')
  const raw = (key: typeof signing.publicKey) =>
    Buffer.from((key.export({ format: 'jwk' }) as { x: string }).x, 'base64url').toString('base64')
  const signingKey = raw(signing.publicKey)
  const sealingKey = raw(generateKeyPairSync('x25519').publicKey)
  const enrolment = { code: enrolmentCode, signingKey, sealingKey, version: '0.1.0' }
  const client = createClient(async ({ method, path, headers, body: text }) => {
    const parts = { method, ...splitTarget(path), body: Buffer.from(text ?? '') }
    const created = Math.floor(platform.server.services.clock.now().getTime() / 1000)
    const facts = { keyId: keyIdOf(signingKey), created, nonce: randomUUID() }
    const signed = { ...headers, ...signRequest(parts, facts, signing.privateKey) }
    const payload = text === null ? {} : { payload: text }
    const reply = await platform.server.http.inject({ method: method as 'GET', url: path, headers: signed, ...payload })
    return new Response(reply.rawPayload, { status: reply.statusCode })
  })
  await client.call(enrolNode, { body: enrolment })
  return { id: node.id, client }
}

/** Registers a front database at a node. */
export async function addSource(platform: TestPlatform, nodeId: string, usage: 'provide' | 'receive' | 'both') {
  const centre = await platform.as('centre')
  const settings = { host: '127.0.0.1', port: 5432, database: 'front', user: 'huitong', password: 'secret', tls: 'off' }
  const body = { name: { zh: '前置库' }, nodeId, kind: 'postgresql', settings, usage, frontDatabase: true }
  return centre.call(createSource, { body })
}

/** Lets the node discover these tables in a source, as an agent would report them. */
export async function discover(
  platform: TestPlatform,
  node: { client: Client },
  sourceId: string,
  tables: readonly Table[] = [VILLAGES_TABLE],
): Promise<Static<typeof DiscoveredTable>[]> {
  const centre = await platform.as('centre')
  await centre.call(discoverSource, { params: { id: sourceId } })
  const body = { boot: randomUUID(), version: '0.1.0', running: [], waitSeconds: 5 }
  const { work } = await node.client.call(pollWork, { body })
  const { id, fence } = work.find((one) => one.kind === 'discover')!
  await node.client.call(finishWork, { params: { id }, body: { fence, state: 'done', result: { tables } } })
  const hash = tables[0]?.schemaHash
  for (;;) {
    const { items } = await centre.call(listTables, { params: { id: sourceId }, query: {} })
    if (items.length === tables.length && (hash === undefined || items.some((one) => one.schemaHash === hash)))
      return items
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
