import type { Speaker } from '../../words/index.ts'

/** Kinds of objects that evidence is kept of, as the platform names them. */
export const OBJECT_KINDS = [
  'dataset',
  'request',
  'grant',
  'channel',
  'segment',
  'reconciliation',
  'data_source',
  'node',
  'node_work',
  'person',
  'department',
  'session',
  'credential',
  'request_template',
  'obligation',
  'legal_clock',
  'evidence',
  'ledger',
  'jurisdiction',
  'platform',
] as const

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
