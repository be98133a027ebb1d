import type { ColumnMapping } from '@huitong/contract/exchange'
import type { Convention } from '@huitong/contract/work'
import type { Plan } from '@huitong/policy'
import { place, refuse } from '../../kernel/errors.ts'
import type { GrantRow } from './grant-plan.ts'
import { type Columns, grantedColumns, type MountedFields } from './mapping.ts'

/** Of a folder that is mounted: what of each file must be granted as it is for the file to travel. */
const NEEDED = [
  { field: 'path', words: { zh: '文件路径', en: 'the path' } },
  { field: 'content', words: { zh: '文件内容', en: 'the content' } },
]
/** How a folder tells what is new. */
export const FOLDER_CONVENTION: Convention = { operation: null, updatedAt: 'modified_at' }

/**
 * What travels of a folder. Files go whole or not at all: nothing of them is masked or mapped, and the rows of the grant
 * choose the files.
 * @throws Refusal `request.invalid`, `object.state` that name the places.
 */
export function fileColumns(
  grant: GrantRow,
  plan: Extract<Plan, { allowed: true }>,
  mounted: MountedFields,
  mapping: readonly ColumnMapping[] | undefined,
): Columns {
  if (mapping !== undefined)
    refuse('request.invalid', {
      places: [place('/mapping', '文件原样交换，不能映射字段', 'files travel as they are and are not mapped')],
    })
  const { method } = JSON.parse(grant.document) as { method: string }
  if (method !== 'file')
    refuse('object.state', {
      places: [place('/grantId', '授权的共享方式不是文件', 'the grant is not for files')],
    })
  const { columns } = grantedColumns(plan, mounted)
  for (const { field, words } of NEEDED) {
    const column = columns.find((one) => one.field === field)
    const isMasked = plan.columns.some(({ item, mask }) => item === column?.item && mask !== null)
    if (column === undefined || isMasked)
      refuse('object.state', {
        places: [place('/grantId', `${words.zh}未授权或已脱敏，不能交换文件`, `${words.en} is not granted, or masked`)],
      })
  }
  return { columns, key: [] }
}
