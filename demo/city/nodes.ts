import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createNode, createSource, listNodes, listSources } from '@huitong/contract/nodes'
import type { DemoClient } from '../client.ts'
import type { DatabasesFile, DepartmentDatabase } from './databases.ts'
import { demoFile, writePrivate } from './files.ts'
import { listAll, type Site } from './populate.ts'

/** The front machines of the demonstration and the databases that they reach. */
export const NODES = {
  provider: {
    department: 'minzheng',
    node: { zh: '民政局前置节点', en: 'Civil affairs node' },
    source: { zh: '民政局前置推送库', en: 'Civil affairs front database' },
    usage: 'provide',
  },
  consumer: {
    department: 'zhujian',
    node: { zh: '住建局前置节点', en: 'Housing node' },
    source: { zh: '住建局前置接收库', en: 'Housing receiving database' },
    usage: 'receive',
  },
  gongan: {
    department: 'gongan',
    node: { zh: '公安局前置节点', en: 'Public security node' },
    source: { zh: '公安局前置推送库', en: 'Public security front database' },
    usage: 'provide',
  },
  shichang: {
    department: 'shichang',
    node: { zh: '市场监管局前置节点', en: 'Market regulation node' },
    source: { zh: '市场监管局前置推送库', en: 'Market regulation front database' },
    usage: 'provide',
  },
} as const
export type NodeKey = keyof typeof NODES
const NODE_KEYS = Object.keys(NODES) as NodeKey[]

const ENROL_PATIENCE_MS = 600_000

/** Registers the nodes and leaves each its one-time code in its own folder. */
export async function makeNodes(site: Site, departments: Map<string, string>): Promise<void> {
  const centre = await site.as('centre')
  for (const key of NODE_KEYS) {
    const { department, node } = NODES[key]
    const codeFile = demoFile(site.dataDir, `agents/${key}/enrolment-code`)
    if (existsSync(codeFile)) continue
    // The key is always the same: when we died before the code was written down, its reply comes again.
    const body = { name: node, departmentId: departments.get(department)! }
    const made = await centre.call(createNode, { body }, { idempotencyKey: `demo-node-${key}` })
    writePrivate(codeFile, `${made.enrolmentCode}\n`)
  }
}

/** Waits until the agents have enrolled, and registers the database of each. */
export async function makeSources(site: Site, departments: Map<string, string>, file: DatabasesFile): Promise<void> {
  const centre = await site.as('centre')
  for (const key of NODE_KEYS) {
    const { department, source, usage } = NODES[key]
    const known = await listAll(centre, listSources)
    if (known.some((one) => one.name.zh === source.zh)) continue
    const nodeId = await enrolledNode(centre, departments.get(department)!)
    const body = {
      name: source,
      nodeId,
      kind: 'postgresql',
      settings: settingsOf(file[key]),
      usage,
      frontDatabase: true,
    }
    await centre.call(createSource, { body }, { idempotencyKey: `demo-source-${key}` })
  }
}

function settingsOf({ host, port, database, user, password }: DepartmentDatabase) {
  return { host, port, database, user, password, tls: 'off' }
}

async function enrolledNode(centre: DemoClient, departmentId: string): Promise<string> {
  const until = performance.now() + ENROL_PATIENCE_MS
  for (;;) {
    const nodes = await listAll(centre, listNodes)
    const node = nodes.find((one) => one.departmentId === departmentId && one.keyId !== null)
    if (node) return node.id
    if (performance.now() > until) throw new Error('the agent has not enrolled')
    await sleep(200)
  }
}
