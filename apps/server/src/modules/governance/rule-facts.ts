import type { DatasetContent } from '@huitong/contract/catalogue'
import type { ItemFacts, ItemStandard } from '@huitong/quality'
import type { LandedTable } from '../engine/index.ts'
import { codeListName } from '../standards/index.ts'
import type { Binding } from './bindings.ts'
import { columnsOf } from './scope.ts'

/** What catalogue and standards say of the columns of a landed table; a column that is no item of the entry has only its name. */
export function itemFacts(
  table: LandedTable,
  content: DatasetContent | null,
  bindings: ReadonlyMap<string, Binding>,
): ItemFacts[] {
  const holds = columnsOf(table)
  const items = new Map((content?.items ?? []).map((item) => [item.code, item]))
  return table.columns.map(({ as, item: code }) => {
    const item = items.get(code)
    const binding = bindings.get(code)
    return {
      column: as,
      name: item?.name ?? { zh: as },
      holds: holds[as]!,
      length: item?.length ?? null,
      required: item?.nullable === false,
      standard: binding ? standardOf(binding) : null,
    }
  })
}

function standardOf({ element, codeSet }: Binding): ItemStandard {
  const set = codeSet === null ? undefined : codeListName(codeSet.code, codeSet.label)
  if (element === null) return { called: codeSet!.code, type: 'text', set }
  const { type, minLength, maxLength, digits, scale, check } = element.content
  return { called: element.identifier, type, minLength, maxLength, digits, scale, check, set }
}
