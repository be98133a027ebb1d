import { keepNodeLog, LOG_FIELDS, LOG_LINES_MAX, type NodeLogLine, strayFields } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { RateLimit } from '../../kernel/rate-limit.ts'
import { tick } from '../../kernel/verb.ts'

/** An agent tells at most every five seconds. */
const PER_SECOND_MAX = 0.5
const limit = new RateLimit(PER_SECOND_MAX)

/**
 * Keeps the last lines of a node's log: what is new is added, the oldest lines give way. The same lines again, after a lost
 * reply, change nothing. Lines are of known kinds with known fields only: no text of the department's can stand in one.
 */
export const keepNodeLogVerb = tick<typeof keepNodeLog>({
  endpoint: keepNodeLog,
  async run({ db, actor, now }, { body }) {
    limit.take(actor.id)
    const places = body.lines.flatMap((line, at) =>
      strayFields(line).map((field) =>
        place(`/lines/${at}/${field}`, '该类日志没有此项', 'lines of this kind have no such field'),
      ),
    )
    if (places.length > 0) refuse('request.invalid', { places: places.slice(0, PLACES_MAX) })
    await db.run(sql`insert into node_log (node_id, lines, at) values (${actor.id}, '[]', ${now})
      on conflict (node_id) do nothing`)
    const kept = await db.one<{ lines: NodeLogLine[] }>(
      sql`select lines from node_log where node_id = ${actor.id} for update`,
    )
    const lines = merged(kept.lines, body.lines)
    await db.run(sql`update node_log set lines = ${JSON.stringify(lines)}, at = ${now} where node_id = ${actor.id}`)
    return {}
  },
})

const PLACES_MAX = 20
const NAMES = ['at', 'level', 'kind', ...Object.keys(LOG_FIELDS)]

/** A line as it is told apart: its fields in one order. */
const textOf = (line: NodeLogLine): string => JSON.stringify(line, NAMES)

function merged(kept: readonly NodeLogLine[], told: readonly NodeLogLine[]): NodeLogLine[] {
  const known = new Set(kept.map(textOf))
  return [...kept, ...told.filter((line) => !known.has(textOf(line)))].slice(-LOG_LINES_MAX)
}
