/** What a statement is called on a connection; null: it is asked without a name. */
export type NameOf = (text: string) => string | null

/** A statement that came this often will come again. */
const ASKED_MIN = 3
/** Each name keeps a parsed statement and its plan, tens of kilobytes, with each connection that uses it. */
const NAMES_MAX = 200
/** Texts that are counted before it begins anew: those with as many parts as their input has are countless. */
const COUNTED_MAX = 2_000

/**
 * Names for statements that come again: a connection parses and plans what has a name once, which is most of the time that a
 * short statement takes. The first {@link NAMES_MAX} that come often are named; all others are asked as before.
 */
export function statementNames(): NameOf {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  return (text) => {
    const known = names.get(text)
    if (known !== undefined) return known
    if (names.size >= NAMES_MAX) return null
    const count = (counts.get(text) ?? 0) + 1
    if (count < ASKED_MIN) {
      if (counts.size >= COUNTED_MAX) counts.clear()
      counts.set(text, count)
      return null
    }
    counts.delete(text)
    const name = `huitong_${names.size}`
    names.set(text, name)
    return name
  }
}
