import type { Speaker } from '../../words/index.ts'
import { OBJECT_KIND_WORDS } from '../../words/object-kinds.ts'

/** Kinds of objects that acts are about, to choose from. */
export const OBJECT_KINDS: readonly string[] = Object.keys(OBJECT_KIND_WORDS)
  .map((key) => key.slice('objectKind.'.length))
  .filter((kind) => !kind.includes('.'))

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
