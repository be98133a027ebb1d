import type { Words } from './words.ts'

/** Problems that only a node has; the others carry codes of the contract. */
export const NODE_PROBLEMS = {
  'snapshot.lost': { zh: '源端快照已失效，需要重新读取', en: 'The snapshot of the source is gone; read it again' },
  'log.snapshot': {
    zh: '比对用的快照已失效，请重新发起',
    en: 'The snapshot for the comparison is no longer held; start it again',
  },
  'grant.signature': { zh: '授权书签名无效，已拒绝读取', en: 'The signature of the grant is not valid' },
  'connector.unknown': { zh: '本节点不支持该类数据源', en: 'This node has no connector for this kind of source' },
  'secrets.unreadable': { zh: '无法解开数据源口令，请重新登记', en: 'The secrets do not open with this node’s key' },
  'reconciliation.too_large': { zh: '差异行过多，请减少分桶', en: 'Too many rows in these buckets' },
  'agent.disk': { zh: '节点磁盘无法写入', en: 'The disk of the node cannot be written' },
  'agent.internal': { zh: '节点内部错误，已记录', en: 'Internal error of the node; it has been recorded' },
} as const satisfies Record<string, Words>
