import type { Predicate, Value } from './predicate.ts'

/**
 * Whether every row for which a question is answered with yes breaks one of the rules, and so stands among the findings:
 * then it is counted there, and the table need not be read once more. No is the safe answer.
 */
export function isAmongFindings(question: Predicate, broken: readonly Predicate[]): boolean {
  if (question.p === 'or') return question.args.every((one) => isAmongFindings(one, broken))
  if (question.p === 'missing') return broken.some((one) => follows([question], one))
  if (question.p !== 'unknown') return false
  // What cannot be read is not there, or is there and is not what it should be.
  const gone: Predicate = { p: 'missing', of: columnOf(question.of) }
  const there: Predicate = { p: 'not', arg: gone }
  return isAmongFindings(gone, broken) && broken.some((one) => follows([question, there], one))
}

/** Whether what is known makes a predicate true. */
function follows(known: readonly Predicate[], p: Predicate): boolean {
  if (known.some((one) => isSame(one, p))) return true
  switch (p.p) {
    case 'and':
      return p.args.every((one) => follows(known, one))
    case 'or':
      return p.args.some((one) => follows(known, one))
    case 'not':
      return excludes(known, p.arg)
    case 'blank':
      return follows(known, { p: 'missing', of: p.of })
    case 'unknown':
      return known.some((one) => one.p === 'unknown' && isUnknownWith(p.of, one.of))
    default:
      return false
  }
}

/** Whether what is known makes a predicate false. */
function excludes(known: readonly Predicate[], p: Predicate): boolean {
  const unknown = (value: Value) => known.some((one) => one.p === 'unknown' && isUnknownWith(value, one.of))
  switch (p.p) {
    case 'and':
      return p.args.some((one) => excludes(known, one))
    case 'or':
      return p.args.every((one) => excludes(known, one))
    case 'not':
      return follows(known, p.arg)
    // A comparison with what is not there is not met.
    case 'compare':
      return unknown(p.left) || unknown(p.right)
    case 'idCheck':
      return (['sex', 'division'] as const).some((part) => unknown({ v: 'idPart', of: p.of, part }))
    default:
      return false
  }
}

/** Whether a value is unknown wherever the other is: the same, or a date of which fewer forms are read. */
function isUnknownWith(value: Value, other: Value): boolean {
  if (value.v === 'date' && other.v === 'date')
    return isSame(value.of, other.of) && value.forms.every((one) => other.forms.includes(one))
  return isSame(value, other)
}

const columnOf = (value: Value): Value => ('of' in value ? columnOf(value.of) : value)
const isSame = (left: object, right: object): boolean => JSON.stringify(left) === JSON.stringify(right)
