import { ConnectorError, type UnmarkedRow } from '@huitong/connectors'
import type { MarkInput, MarkResult } from '@huitong/contract/work'
import type { WorkContext } from '../context.ts'
import { throughRestarts } from '../retry.ts'
import { openDatabase } from '../source.ts'
import { TakenList } from '../taken-list.ts'

const CLEANED_AT_ONCE = 1_000

/**
 * Marks in a front table what was taken, as a list of an earlier reading says, and cleans by its policy. What was done
 * before a restart is not done again: a row that is marked stays as it is.
 * @throws ConnectorError `permission_denied` naming the right, `schema_changed`, `mark_touches`, `not_supported`.
 */
export function mark(input: MarkInput, context: WorkContext): Promise<MarkResult> {
  const { table, convention, columns, list, clean } = input
  return context.turns.run(`mark ${input.source.sourceId}`, context.signal, async () => {
    const { front } = await openDatabase(input.source, context.keys)
    if (front === undefined)
      throw new ConnectorError('not_supported', 'rows of this kind of database are not marked', {
        place: { table: table.name },
      })
    const ref = { table, convention, columns }
    let found = true
    let listed = 0n
    const marked = await throughRestarts(context.signal, async () => {
      const rows = list === null ? [] : await TakenList.rows(context.dir, list)
      found = rows !== null
      listed = 0n
      async function* counted(): AsyncGenerator<readonly UnmarkedRow[]> {
        for await (const part of rows ?? []) {
          context.signal.throwIfAborted()
          yield part as readonly UnmarkedRow[]
          listed += BigInt(part.length)
          context.report({ listed: listed.toString() })
        }
      }
      return front.mark(ref, counted())
    })
    const cleaned =
      clean === null
        ? 0n
        : await throughRestarts(context.signal, () => front.clean(ref, { ...clean, batchRows: CLEANED_AT_ONCE }))
    const inTable = await throughRestarts(context.signal, () => front.count(ref))
    // Kept while anything may fail: it is then asked for once more.
    if (list !== null) await TakenList.forget(context.dir, list)
    const told = { found, listed: String(listed), marked: String(marked), cleaned: String(cleaned) }
    context.log.info('mark.done', { ...told, rows: told.marked, unmarked: inTable.unmarked })
    return { ...told, inTable }
  })
}
