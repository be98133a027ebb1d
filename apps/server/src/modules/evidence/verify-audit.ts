import { isDeepStrictEqual } from 'node:util'
import { verifyAudit } from '@huitong/contract/evidence'
import { fetchEntries, fsck, parseVerifierKey, TILE_WIDTH } from '@huitong/ledger'
import { sql } from 'kysely'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import { command, type Command } from '../../kernel/verb.ts'
import { isIntact } from './find-entry.ts'
import type { Ledger } from './ledger.ts'

const FAULTS_MAX = 100

type Kind = 'altered' | 'deleted' | 'inserted' | 'log'
interface Fault {
  auditId: string
  index: string | null
  kind: Kind
  words: { zh: string; en: string }
}
const WORDS: Record<Kind, (id: string) => { zh: string; en: string }> = {
  altered: (id) => ({ zh: `审计记录 ${id} 与存证不符，已被改动`, en: `audit row ${id} was altered` }),
  deleted: (id) => ({ zh: `审计记录 ${id} 已被删除`, en: `audit row ${id} was deleted` }),
  inserted: (id) => ({ zh: `审计记录 ${id} 未经存证而插入`, en: `audit row ${id} was inserted behind the ledger` }),
  log: (id) => ({ zh: `存证日志损坏：${id}`, en: `the log is damaged: ${id}` }),
}
const fault = (kind: Kind, auditId: string, index: string | null): Fault => ({
  auditId,
  index,
  kind,
  words: WORDS[kind](auditId),
})

/**
 * Checks every audit row against the leaf that the log holds for it, and the log against its signed root. What the
 * database's superuser changed, removed or slipped in is named.
 */
export const verifyAuditVerb = (ledger: Ledger): Command =>
  command<typeof verifyAudit>({
    endpoint: verifyAudit,
    audit: (_input, reply) => ({
      objectKind: 'ledger',
      objectId: ledger.origin,
      detail: { intact: reply.intact, checked: reply.checked },
    }),
    run: ({ services }) => verify(services, ledger),
  }) as Command

async function verify(services: Services, ledger: Ledger) {
  const log = await fsck({
    fetch: (path) => ledger.store.fetch(path),
    checkpoint: await ledger.checkpoint(),
    verifiers: [parseVerifierKey(ledger.verifierKey)],
  })
  if (!log.ok) {
    const broken: Fault = {
      auditId: '0',
      index: log.index === undefined ? null : String(log.index),
      kind: 'log',
      words: WORDS.log(log.path),
    }
    return { checked: '0', treeSize: '0', intact: false, faults: [broken] }
  }
  const faults: Fault[] = []
  for (let bundle = 0; bundle * TILE_WIDTH < log.size && faults.length < FAULTS_MAX; bundle++) {
    const leaves = await fetchEntries((path) => ledger.store.fetch(path), log.size, bundle)
    faults.push(...(await checkBundle(services, bundle * TILE_WIDTH, leaves)))
  }
  faults.push(...(await findInserted(services)))
  return {
    checked: String(log.size),
    treeSize: String(log.size),
    intact: faults.length === 0,
    faults: faults.slice(0, FAULTS_MAX),
  }
}

interface Row {
  leaf_index: string
  audit_id: string
  content: string | null
  salt: Buffer | null
  columns: Columns
}
interface Columns {
  actor_kind: string
  actor_id: string
  actor_name: string
  department_id: string | null
  jurisdiction: string
  action: string
  object_kind: string | null
  object_id: string | null
  outcome: string
  request_id: string
  at: string
}

async function checkBundle(services: Services, first: number, leaves: readonly Uint8Array[]): Promise<Fault[]> {
  const rows = await services.db.read(SYSTEM_ROWS, (db) =>
    db.many<Row>(sql`select l.leaf_index, l.audit_id, a.content, a.salt, jsonb_build_object('actor_kind', a.actor_kind,
        'actor_id', a.actor_id, 'actor_name', a.actor_name, 'department_id', a.department_id,
        'jurisdiction', a.jurisdiction, 'action', a.action, 'object_kind', a.object_kind, 'object_id', a.object_id, 'outcome', a.outcome, 'request_id', a.request_id,
        'at', to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')) as columns
      from audit_leaf l left join audit a on a.id = l.audit_id
      where l.leaf_index >= ${first} and l.leaf_index < ${first + leaves.length} order by l.leaf_index`),
  )
  const byIndex = new Map(rows.map((row) => [Number(row.leaf_index), row]))
  return leaves.flatMap((leaf, at) => {
    const index = first + at
    const row = byIndex.get(index)
    if (!row) return [{ ...fault('deleted', '0', String(index)), words: WORDS.deleted(`@${index}`) }]
    const { content, salt } = row
    if (content === null || salt === null) return [fault('deleted', row.audit_id, row.leaf_index)]
    const intact = isIntact({ leaf: Buffer.from(leaf), content, salt }) && columnsAgree(content, row.columns)
    return intact ? [] : [fault('altered', row.audit_id, row.leaf_index)]
  })
}

/** The columns repeat the content for searching; `content` is what the leaf commits to, so it has parsed already. */
function columnsAgree(text: string, columns: Columns): boolean {
  const content = JSON.parse(text) as {
    v: 1 | 2
    action: string
    outcome: string
    at: string
    actor: { kind: string; id: string; name: string; departmentId: string | null; jurisdiction?: string }
    object: { kind: string; id: string } | null
    requestId: string
  }
  const told: Columns = {
    actor_kind: content.actor.kind,
    actor_id: content.actor.id,
    actor_name: content.actor.name,
    department_id: content.actor.departmentId,
    // Rows of version 1 were committed without it; the version itself is committed to, so no row can be made to look old.
    jurisdiction: content.v === 1 ? columns.jurisdiction : content.actor.jurisdiction!,
    action: content.action,
    object_kind: content.object?.kind ?? null,
    object_id: content.object?.id ?? null,
    outcome: content.outcome,
    request_id: content.requestId,
    at: content.at.replace('Z', '000'),
  }
  return isDeepStrictEqual(told, columns)
}

/** Rows that stand before the sequenced position and have no leaf: they did not come through the platform. */
async function findInserted(services: Services): Promise<Fault[]> {
  const rows = await services.db.read(SYSTEM_ROWS, (db) =>
    db.many<{ id: string }>(sql`select a.id from audit a left join audit_leaf l on l.audit_id = a.id
      where l.audit_id is null
        and (a.xid, a.id) <= (select c.xid, c.id from event_cursor c where c.subscriber = 'ledger')
      order by a.id limit ${FAULTS_MAX}`),
  )
  return rows.map((row) => fault('inserted', row.id, null))
}
