import { SPACE_RANGES } from './table.ts'

/**
 * Patterns in the subset that RE2, Java and JavaScript understand alike, matched against the whole value: literals,
 * `.`, classes with ranges, `\d \w \s \p{Han}`, groups, alternatives and counted repetitions. No look-around, no back
 * references, no lazy or possessive repetition, no anchors but one at each end. Each engine gets its own writing of
 * the same tree, so that no engine's idea of `.`, `\s` or `\p{Han}` slips in.
 */
export type PatternNode =
  | { readonly n: 'class'; readonly negated: boolean; readonly ranges: readonly Range[] }
  | { readonly n: 'sequence' | 'choice'; readonly of: readonly PatternNode[] }
  | { readonly n: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number | null }
export type Range = readonly [low: number, high: number]

/** Why a pattern is not in the subset; `at` counts characters from 0. */
export class PatternError extends Error {
  readonly at: number
  readonly words: { readonly zh: string; readonly en: string }
  constructor(at: number, zh: string, en: string) {
    super(`${en} (at ${at})`)
    this.name = 'PatternError'
    this.at = at
    this.words = { zh, en }
  }
}

const LENGTH_MAX = 500
/** RE2 refuses more than this many copies. */
const REPEAT_MAX = 1000
const DEPTH_MAX = 20

const DIGITS: readonly Range[] = [[0x30, 0x39]]
const WORD: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** 汉字: unified ideographs with extensions A to I, and compatibility ideographs, spelled out because engines know different Unicodes. */
const HAN: readonly Range[] = [
  [0x3007, 0x3007],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0x20000, 0x323af],
]
const ANY: PatternNode = { n: 'class', negated: true, ranges: [[0x0a, 0x0a]] }
const ESCAPES: Readonly<Record<string, readonly Range[]>> = {
  d: DIGITS,
  w: WORD,
  s: SPACE_RANGES,
  t: [[0x09, 0x09]],
  n: [[0x0a, 0x0a]],
  r: [[0x0d, 0x0d]],
}

/** Reads a pattern. @throws PatternError when it is not in the subset. */
export function parsePattern(source: string): PatternNode {
  return new Parser(source).parse()
}

class Parser {
  readonly #text: readonly string[]
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#text = [...source]
    if (this.#text.length > LENGTH_MAX)
      this.#fail(`表达式超过 ${LENGTH_MAX} 个字符`, `longer than ${LENGTH_MAX} characters`)
  }

  parse(): PatternNode {
    if (this.#peek() === '^') this.#at++
    const tree = this.#choice()
    if (this.#peek() === '$' && this.#at === this.#text.length - 1) this.#at++
    if (this.#at < this.#text.length) this.#fail('此处多余', 'unexpected here')
    return tree
  }

  #peek(): string | undefined {
    return this.#text[this.#at]
  }

  #fail(zh: string, en: string): never {
    throw new PatternError(this.#at, `第 ${this.#at + 1} 个字符：${zh}`, en)
  }

  #choice(): PatternNode {
    if (++this.#depth > DEPTH_MAX) this.#fail('括号嵌套过深', 'groups nest too deep')
    const branches = [this.#sequence()]
    while (this.#peek() === '|') {
      this.#at++
      branches.push(this.#sequence())
    }
    this.#depth--
    return branches.length === 1 ? branches[0]! : { n: 'choice', of: branches }
  }

  #sequence(): PatternNode {
    const of: PatternNode[] = []
    for (;;) {
      const next = this.#peek()
      const atEnd = next === '$' && this.#at === this.#text.length - 1
      if (next === undefined || next === '|' || next === ')' || atEnd) return { n: 'sequence', of }
      of.push(this.#repeated(this.#atom(next)))
    }
  }

  #atom(next: string): PatternNode {
    if ('*+?{'.includes(next)) this.#fail('重复符号前没有内容', 'nothing to repeat')
    if ('^$]}'.includes(next)) this.#fail('此处须写成转义形式', 'must be escaped here')
    this.#at++
    if (next === '.') return ANY
    if (next === '(') return this.#group()
    if (next === '[') return this.#class()
    if (next === '\\') return { n: 'class', negated: false, ranges: this.#escape() }
    const point = next.codePointAt(0)!
    return { n: 'class', negated: false, ranges: [[point, point]] }
  }

  #group(): PatternNode {
    if (this.#peek() === '?') {
      if (this.#text[this.#at + 1] !== ':')
        this.#fail('不支持环视或命名分组', 'look-around and named groups are not offered')
      this.#at += 2
    }
    const inner = this.#choice()
    if (this.#peek() !== ')') this.#fail('括号没有闭合', 'the group is not closed')
    this.#at++
    return inner
  }

  #escape(): readonly Range[] {
    const next = this.#peek()
    if (next === undefined) this.#fail('转义不完整', 'an escape breaks off')
    this.#at++
    const known = ESCAPES[next]
    if (known) return known
    if (next === 'p') {
      if (this.#text.slice(this.#at, this.#at + 5).join('') !== '{Han}')
        this.#fail('只支持 \\p{Han}', 'only \\p{Han} is offered')
      this.#at += 5
      return HAN
    }
    if (/[\p{L}\p{N}]/u.test(next)) {
      this.#at--
      this.#fail('不支持此转义', 'this escape is not offered')
    }
    const point = next.codePointAt(0)!
    return [[point, point]]
  }

  #class(): PatternNode {
    const negated = this.#peek() === '^'
    if (negated) this.#at++
    const ranges: Range[] = []
    while (this.#peek() !== ']') {
      const low = this.#classPart()
      const isRange =
        this.#peek() === '-' && this.#text[this.#at + 1] !== ']' && low.length === 1 && low[0]![0] === low[0]![1]
      if (!isRange) {
        ranges.push(...low)
        continue
      }
      this.#at++
      const high = this.#classPart()
      if (high.length !== 1 || high[0]![0] !== high[0]![1] || high[0]![0] < low[0]![0])
        this.#fail('字符范围不正确', 'a range is out of order')
      ranges.push([low[0]![0], high[0]![0]])
    }
    this.#at++
    if (ranges.length === 0) this.#fail('字符集为空', 'the class is empty')
    return { n: 'class', negated, ranges }
  }

  #classPart(): readonly Range[] {
    const next = this.#peek()
    if (next === undefined) this.#fail('字符集没有闭合', 'the class is not closed')
    this.#at++
    if (next === '[') {
      this.#at--
      this.#fail('字符集中的 [ 须写成 \\[', 'write \\[ inside a class')
    }
    if (next === '\\') return this.#escape()
    const point = next.codePointAt(0)!
    return [[point, point]]
  }

  #repeated(of: PatternNode): PatternNode {
    const bounds = this.#bounds()
    if (bounds === null) return of
    const next = this.#peek()
    if (next !== undefined && '*+?{'.includes(next))
      this.#fail('不支持懒惰、占有或重叠的重复', 'lazy, possessive or doubled repetition is not offered')
    return { n: 'repeat', of, ...bounds }
  }

  #bounds(): { min: number; max: number | null } | null {
    const next = this.#peek()
    const simple =
      next === '*'
        ? { min: 0, max: null }
        : next === '+'
          ? { min: 1, max: null }
          : next === '?'
            ? { min: 0, max: 1 }
            : null
    if (simple) {
      this.#at++
      return simple
    }
    if (next !== '{') return null
    const match = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#text.slice(this.#at, this.#at + 12).join(''))
    if (!match) this.#fail('重复次数不正确', 'the repetition is malformed')
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === undefined ? null : Number(match[3])
    if (min > REPEAT_MAX || (max !== null && (max > REPEAT_MAX || max < min)))
      this.#fail(`重复次数应在 0 至 ${REPEAT_MAX} 之间且前小后大`, `repetitions run from 0 to ${REPEAT_MAX}`)
    this.#at += match[0].length
    return { min, max }
  }
}

/** How an engine writes one code point inside a class. */
type Point = (point: number) => string

function write(node: PatternNode, point: Point): string {
  switch (node.n) {
    case 'class': {
      const ranges = node.ranges.map(([low, high]) => (low === high ? point(low) : `${point(low)}-${point(high)}`))
      return `[${node.negated ? '^' : ''}${ranges.join('')}]`
    }
    case 'sequence':
      return node.of.map((one) => write(one, point)).join('')
    case 'choice':
      return `(?:${node.of.map((one) => write(one, point)).join('|')})`
    case 'repeat': {
      const { min, max } = node
      return `(?:${write(node.of, point)}){${min},${max ?? ''}}`
    }
  }
}

const isPlain = (code: number) => /^[0-9A-Za-z]$/.test(String.fromCodePoint(code))

/** The pattern for RE2 (DuckDB), to be matched in full. */
export const patternRe2 = (source: string): string =>
  write(parsePattern(source), (code) => (isPlain(code) ? String.fromCodePoint(code) : `\\x{${code.toString(16)}}`))

/** The pattern for JavaScript, matching the whole text by code points. */
export const patternJs = (source: string): RegExp =>
  new RegExp(
    `^(?:${write(parsePattern(source), (code) => (isPlain(code) ? String.fromCodePoint(code) : `\\u{${code.toString(16)}}`))})$`,
    'u',
  )
