import { compileGrant, maskText, momentOf, viewMask, type GrantDocument, type Mask } from '@huitong/policy'
import { sql } from 'kysely'
import type { Reader } from '../../kernel/db.ts'
import type { Services } from '../../kernel/services.ts'
import { itemOf, selectLanded, type LandedRow } from '../exchange/index.ts'
import type { FusionSettings } from './fusion-rules.ts'

/** A landed table that a department may read now, with the columns of the items that its grant lets it have. */
export interface ReadableSource {
  readonly row: LandedRow
  /** Column of the landed table by item. */
  readonly columns: ReadonlyMap<string, string>
}

export interface Moment {
  readonly now: Date
  readonly legalNow: Date
}

/** The landed tables that grants to this department reach at this moment. */
export async function readableSources(
  db: Reader,
  services: Services,
  departmentId: string,
  { now, legalNow }: Moment,
): Promise<ReadableSource[]> {
  const rows = await db.many<LandedRow>(sql`${selectLanded(services.centre.database)} order by c.number`)
  return rows.flatMap((row) => {
    const use = { departmentId, ...momentOf({ now, legalNow }), items: null, revoked: row.revoked_at !== null }
    const plan = compileGrant(JSON.parse(row.document) as GrantDocument, use)
    if (!plan.allowed) return []
    const granted = new Set(plan.columns.map((one) => one.item))
    const columns = row.columns.filter((one) => granted.has(one.item)).map((one) => [one.item, one.as] as const)
    return [{ row, columns: new Map(columns) }]
  })
}

/** How the values of each source of a run are shown to a reader. */
export interface Sight {
  readonly fields: { code: string; name: FusionSettings['names'][string]; masked: boolean }[]
  readonly sources: {
    channelId: string
    datasetName: LandedRow['dataset_name']
    departmentName: LandedRow['provider_name']
  }[]
  /** A value of a source, as this reader may see it. */
  show(source: number, field: number, value: string | null): { value: string | null; masked: boolean; hidden: boolean }
}

const HIDDEN = { value: null, masked: false, hidden: true } as const

/**
 * What a reader sees of a run: nothing of a source whose grant does not reach the reader's department (any more), personal
 * items masked unless `full`.
 */
export async function sightOf(
  db: Reader,
  services: Services,
  departmentId: string,
  given: { settings: FusionSettings; full: boolean } & Moment,
): Promise<Sight> {
  const { settings, full } = given
  const readable = await readableSources(db, services, departmentId, given)
  const all = await db.many<LandedRow>(sql`${selectLanded(services.centre.database)}`)
  const ways = settings.sources.map((source) => {
    const row = all.find((one) => one.id === source.channelId)
    const allowed = readable.find((one) => one.row.id === source.channelId)
    const masks = settings.definition.fields.map(({ code }): Mask | null | undefined => {
      const item = source.items[code]
      if (item === undefined || allowed === undefined || !allowed.columns.has(item)) return undefined
      const { name, personal } = itemOf(allowed.row, item)
      return full ? null : viewMask({ code: item, name: name.zh, personal })
    })
    return { row, masks }
  })
  return {
    fields: settings.definition.fields.map(({ code }, at) => ({
      code,
      name: settings.names[code] ?? { zh: code },
      masked: ways.some((one) => (one.masks[at] ?? null) !== null),
    })),
    sources: settings.sources.map((source, at) => ({
      channelId: source.channelId,
      datasetName: ways[at]!.row?.dataset_name ?? { zh: source.channelId },
      departmentName: ways[at]!.row?.provider_name ?? { zh: '' },
    })),
    show(source, field, value) {
      const mask = ways[source]?.masks[field]
      if (mask === undefined) return value === null ? { ...HIDDEN, hidden: false } : HIDDEN
      return {
        value: mask === null ? value : maskText(mask, value),
        masked: mask !== null && value !== null,
        hidden: false,
      }
    },
  }
}
