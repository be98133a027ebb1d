import type { Speaker } from '../../words/index.ts'
import { OBJECT_KIND_WORDS } from '../../words/object-kinds.ts'

/** Kinds of objects that acts are about, to choose from. */
export const OBJECT_KINDS: readonly string[] = Object.keys(OBJECT_KIND_WORDS)
  .map((key) => key.slice('objectKind.'.length))
  .filter((kind) => !kind.includes('.'))

/** What the kind of an object is called; a kind without words by its code. */
export function kindOf(kind: string | null, say: Speaker['say']): string {
  if (kind === null) return '–'
  const words = (OBJECT_KIND_WORDS as Readonly<Record<string, { zh: string; en: string }>>)[`objectKind.${kind}`]
  return words ? say(words) : kind
}

interface Acted {
  readonly actor: string
  readonly departmentName: string | null
}

/** Who acted, as people say it: a person and department, somebody not signed in, or the platform by itself. */
export function actorOf({ actor, departmentName }: Acted, t: Speaker['t']): string {
  if (departmentName) return `${actor} · ${departmentName}`
  if (actor === 'public') return t('evidence.nobody')
  return /^[a-z][a-z0-9_.-]*$/.test(actor) ? t('evidence.platform') : actor
}
