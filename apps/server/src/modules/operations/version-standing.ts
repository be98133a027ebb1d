import type { VersionStanding } from '@huitong/contract/operations'
import type { Static } from 'typebox'

type Standing = Static<typeof VersionStanding>

/** Minor versions by which the two ends may differ and still work together. */
const SKEW_MAX = 1

/** How the version of a node stands to the platform's: the first two numbers decide, patches do not count. */
export function versionStanding(node: string | null, platform: string): Standing {
  const [own, theirs] = [numbersOf(platform), numbersOf(node ?? '')]
  if (own === null || theirs === null) return 'unknown'
  if (own.major !== theirs.major) return theirs.major < own.major ? 'too_old' : 'too_new'
  const ahead = theirs.minor - own.minor
  if (ahead === 0) return 'same'
  if (Math.abs(ahead) > SKEW_MAX) return ahead < 0 ? 'too_old' : 'too_new'
  return ahead < 0 ? 'older' : 'newer'
}

function numbersOf(version: string): { major: number; minor: number } | null {
  const found = /^(\d{1,9})\.(\d{1,9})(?:[.-]|$)/.exec(version)
  return found && { major: Number(found[1]), minor: Number(found[2]) }
}
