import { Type } from 'typebox'
import { BigInteger, Bilingual, exact, Instant, LanguageMap, nullable, oneOf, Uuid } from './common.ts'

/** 任务: a piece of work that the platform gave to a node. */
export const WorkView = exact({
  id: Uuid,
  kind: Type.String(),
  state: oneOf('queued', 'leased', 'done', 'failed', 'cancelled'),
  nodeId: Uuid,
  nodeName: LanguageMap(128),
  departmentName: LanguageMap(128),
  subjectKind: Type.String(),
  subjectId: Uuid,
  /** What it is for: an exchange task, a data source; null where the viewer may not see it. */
  subject: nullable(exact({ kind: oneOf('channel', 'data_source'), id: Uuid, name: LanguageMap(256) })),
  /** Rows that the node has told of. */
  rows: nullable(BigInteger),
  problem: nullable(Bilingual),
  createdAt: Instant,
  finishedAt: nullable(Instant),
})
