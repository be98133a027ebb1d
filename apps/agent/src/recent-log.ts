import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOG_FIELDS, LOG_KINDS, LOG_LINES_MAX, type LogField, type LogKind, NodeLogLine } from '@huitong/contract/nodes'
import { Check } from 'typebox/value'
import type { LogFields, Tell } from './log.ts'

const FILE = 'last-lines.json'
const SAVE_AFTER_MS = 1_000
const REPEATED_WITHIN_MS = 60_000
const REPEATED_MAX = 100
/** What a wait says again every second or two. */
const REPEATING: ReadonlySet<LogKind> = new Set([
  'apply.waiting',
  'capture.waiting',
  'capture.no_position',
  'segment.changed',
  'call.unanswered',
  'calls.away',
])

/**
 * The lines of this agent's log that its platform is to see and has not taken yet, at most two hundred: the oldest give
 * way. Only known kinds pass, each with its known fields, and each field only with a value of its shape (see the contract's
 * `LOG_KINDS`); reasons, names and all other text stay in the department.
 *
 * What is not taken yet survives this process: an error is in `last-lines.json` before the line that tells it returns, a
 * warning within a second, all of it when the process ends by itself. `kill -9` may cost the lines of the last second, a
 * power cut the file. Nothing here ever throws: a log that cannot be kept is no reason to stop working.
 */
export class RecentLog {
  #lines: NodeLogLine[] = []
  #path: string | null = null
  #isSaved = false
  #timer: NodeJS.Timeout | null = null
  #changed = Promise.withResolvers<void>()
  /** When each repeating line was last kept. */
  readonly #repeated = new Map<string, number>()

  /** Keeps a line of the log, if it is one that may leave the department. */
  readonly note: Tell = (at, level, event, fields) => {
    const line = lineOf(at, level, event, fields)
    if (line === null || this.#isRepeated(line)) return
    this.#lines = [...this.#lines, line].slice(-LOG_LINES_MAX)
    this.#changed.resolve()
    if (level === 'error') this.save()
    else if (level === 'warn') this.#saveSoon()
  }

  /** From now on lines are kept in this folder; those that an earlier life of the agent has left there come first. */
  open(dir: string): void {
    this.#path = join(dir, FILE)
    const left = readLines(this.#path)
    this.#isSaved = left.length > 0
    if (left.length === 0) return
    this.#lines = [...left, ...this.#lines].slice(-LOG_LINES_MAX)
    this.#changed.resolve()
  }

  /** What the platform has not taken yet, oldest first; waits until there is something. Empty when `signal` is aborted. */
  async waiting(signal: AbortSignal): Promise<readonly NodeLogLine[]> {
    const aborted = Promise.withResolvers<void>()
    const abort = () => aborted.resolve()
    signal.addEventListener('abort', abort, { once: true })
    try {
      while (this.#lines.length === 0 && !signal.aborted) {
        this.#changed = Promise.withResolvers()
        await Promise.race([this.#changed.promise, aborted.promise])
      }
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return this.#lines
  }

  /** These lines were taken, or never will be. */
  forget(lines: readonly NodeLogLine[]): void {
    const gone = new Set(lines)
    this.#lines = this.#lines.filter((line) => !gone.has(line))
    if (this.#isSaved) this.save()
  }

  /** Writes what is not taken yet, now; removes the file when there is nothing. */
  save(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#path === null || (this.#lines.length === 0 && !this.#isSaved)) return
    try {
      if (this.#lines.length === 0) rmSync(this.#path, { force: true })
      else writeWhole(this.#path, JSON.stringify(this.#lines))
      this.#isSaved = this.#lines.length > 0
    } catch {
      // A full disk: the lines are here still, and are sent from here.
    }
  }

  #saveSoon(): void {
    this.#timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS).unref()
  }

  #isRepeated(line: NodeLogLine): boolean {
    if (!REPEATING.has(line.kind)) return false
    const said = JSON.stringify({ ...line, at: null, attempt: null })
    const at = Date.parse(line.at)
    if (at - (this.#repeated.get(said) ?? 0) < REPEATED_WITHIN_MS) return true
    this.#repeated.delete(said)
    this.#repeated.set(said, at)
    if (this.#repeated.size > REPEATED_MAX) this.#repeated.delete(this.#repeated.keys().next().value!)
    return false
  }
}

/** Fields that the log itself has under another name. */
const IN_LOG: Partial<Record<LogField, string>> = { workKind: 'kind' }

/** A line as it may leave the department; null when its kind may not. */
function lineOf(at: string, level: NodeLogLine['level'], event: string, fields: LogFields): NodeLogLine | null {
  if (!Object.hasOwn(LOG_KINDS, event)) return null
  const kind = event as LogKind
  const names: readonly LogField[] = LOG_KINDS[kind]
  const told = names.flatMap((name) => {
    const value = shaped(name, fields[IN_LOG[name] ?? name])
    return value === null ? [] : [[name, value] as const]
  })
  // Of the kind's own fields, each with a value of its shape.
  return { at, level, kind, ...(Object.fromEntries(told) as Partial<NodeLogLine>) }
}

/** The value if it has the shape of this field, a number also as text or text of digits as a number; otherwise null. */
function shaped(name: LogField, value: LogFields[string] | undefined): string | number | null {
  const schema = LOG_FIELDS[name]
  if (value === undefined || value === null || typeof value === 'boolean') return null
  if (Check(schema, value)) return value
  const other = typeof value === 'number' ? String(value) : /^\d{1,10}$/.test(value) ? Number(value) : null
  return other !== null && Check(schema, other) ? other : null
}

/** The lines of the file that are lines; none of a file that is missing or damaged. */
function readLines(path: string): NodeLogLine[] {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return Array.isArray(kept) ? kept.filter((line) => Check(NodeLogLine, line)).slice(-LOG_LINES_MAX) : []
  } catch {
    return []
  }
}

/** The file is there whole or as it was. It is not synced: what it holds is worth no wait for the disk. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.half`, text, { mode: 0o600 })
  renameSync(`${path}.half`, path)
}
