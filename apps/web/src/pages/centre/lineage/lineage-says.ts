import type { LineageBox, LineageEdge } from '@huitong/contract/lineage'
import { paths } from '../../../paths.ts'
import { fill } from '../../../words/index.ts'
import { LINEAGE } from './lineage-words.ts'

/** How a column comes from another, in a word or two. */
export const howWords = ({ how, through }: Pick<LineageEdge, 'how' | 'through'>, language: 'zh' | 'en'): string =>
  fill(LINEAGE[`how.${how}`][language], { count: through })

/** The page of the thing that a box is; null where it has none. */
export function linkOf({ kind, objectId }: LineageBox): string | null {
  if (objectId === null) return null
  if (kind === 'dataset') return paths.dataset(objectId)
  if (kind === 'source') return paths.sourceTables(objectId)
  if (kind === 'governed') return paths.recipe(objectId)
  if (kind === 'service' || kind === 'opening') return paths.service(objectId)
  if (kind === 'library') return paths.fusion(objectId === 'firm' ? 'firm' : 'person')
  return kind === 'task' || kind === 'collection' || kind === 'receiving' ? paths.channel(objectId) : null
}
