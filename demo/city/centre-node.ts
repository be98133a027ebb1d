import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { registerCentreSource } from '@huitong/contract/centre'
import { createNode, listNodes, listSources } from '@huitong/contract/nodes'
import { writePrivate } from './files.ts'
import { listAll, type Site } from './populate.ts'

/** The department whose node lands tables in the resource centre, and the name of its registered database. */
export const CENTRE_DEPARTMENT = 'zhongxin'
export const CENTRE_SOURCE = '数据资源中心接收库'
const ENROL_PATIENCE_MS = 600_000
const LOOK_MS = 200

/** Registers the centre's own node; its agent stands beside the platform and waits for the code in its folder. */
export async function makeCentreNode(site: Site, departments: Map<string, string>): Promise<void> {
  const centre = await site.as('centre')
  const codeFile = join(site.dataDir, 'centre/agent/enrolment-code')
  if (existsSync(codeFile)) return
  const body = {
    name: { zh: '资源中心节点', en: 'Resource centre node' },
    departmentId: departments.get(CENTRE_DEPARTMENT)!,
  }
  const made = await centre.call(createNode, { body }, { idempotencyKey: 'demo-node-centre' })
  writePrivate(codeFile, `${made.enrolmentCode}\n`)
}

/** Registers the centre's database at its node, as soon as that has enrolled. */
export async function makeCentreSource(site: Site, departments: Map<string, string>): Promise<void> {
  const centre = await site.as('centre')
  const until = performance.now() + ENROL_PATIENCE_MS
  for (;;) {
    const known = await listAll(centre, listSources)
    if (known.some((one) => one.name.zh === CENTRE_SOURCE)) return
    const nodes = await listAll(centre, listNodes)
    const node = nodes.find((one) => one.departmentId === departments.get(CENTRE_DEPARTMENT) && one.keyId !== null)
    if (node) {
      await centre.call(registerCentreSource, { body: { nodeId: node.id } }, { idempotencyKey: 'demo-source-centre' })
      return
    }
    if (performance.now() > until) throw new Error('the centre’s agent has not enrolled')
    await sleep(LOOK_MS)
  }
}
