import { Type } from 'typebox'
import { BigInteger, Bilingual, exact, IdParams, Instant, LanguageMap, nullable, oneOf, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { ChannelState } from './exchange.ts'
import { NodeLogLine } from './node-log.ts'
import { NodeView, SourceView } from './nodes.ts'
import { words } from './words.ts'
import { WorkView } from './work-view.ts'

/** Rows of each list on the page of a node; `counts` says how many there are. */
export const NODE_LIST_MAX = 100

/**
 * How the version of a node stands to the platform's own, by their first two numbers. One minor version of skew works:
 * `older` and `newer`; beyond that, `too_old` or `too_new`. `unknown`: it has told none.
 */
export const VersionStanding = oneOf('same', 'older', 'newer', 'too_old', 'too_new', 'unknown')

/** Work that a node has been given and not ended. */
export const RunningWork = exact({
  ...WorkView.properties,
  segments: nullable(Type.Integer()),
  /** Of work that follows the log. */
  changes: nullable(BigInteger),
})

export const NodeDetail = exact({
  ...NodeView.properties,
  serverVersion: Type.String(),
  versionStanding: VersionStanding,
  sources: Type.Array(
    exact({
      id: Uuid,
      name: LanguageMap(128),
      kind: Type.String(),
      usage: SourceView.properties.usage,
      frontDatabase: Type.Boolean(),
    }),
  ),
  running: Type.Array(RunningWork),
  /** Exchange tasks of which an end, or both, are at this node, as far as the viewer may see them. */
  channels: Type.Array(
    exact({
      id: Uuid,
      number: Type.String(),
      name: LanguageMap(256),
      end: oneOf('source', 'target', 'both'),
      state: ChannelState,
    }),
  ),
  counts: exact({ sources: Type.Integer(), running: Type.Integer(), channels: Type.Integer() }),
  /** What it did of late, oldest first; `at`: when it last told; `codes`: what the codes in it mean, as far as they are known. */
  log: exact({
    at: nullable(Instant),
    lines: Type.Array(NodeLogLine),
    codes: Type.Record(Type.String(), Bilingual),
  }),
})

export const readNode = endpoint({
  id: 'operations.node.read',
  method: 'GET',
  path: '/api/v1/nodes/:id',
  access: 'node.read',
  words: words('节点详情', 'Read a node'),
  params: IdParams,
  reply: NodeDetail,
  errors: ['object.not_found'],
})
