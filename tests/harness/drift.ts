import { finishWork } from '@huitong/contract/nodes'
import type { FoundField } from '@huitong/contract/work'
import { discovered } from './exchange.ts'
import type { TestNode } from './node.ts'

const [villages] = discovered.tables

/** The fields of the table of villages as they are mounted. */
export const FIELDS: readonly FoundField[] = villages!.fields
export const without = (name: string) => FIELDS.filter((field) => field.name !== name)
export const retyped = (name: string, type: string) =>
  FIELDS.map((field) => (field.name === name ? { ...field, type, canonicalType: type } : field))
export const added = (...names: string[]): FoundField[] => [
  ...FIELDS,
  ...names.map((name, i) => ({ ...FIELDS[1]!, name, position: FIELDS.length + 1 + i })),
]

/** A node finds a table with other fields than it was told, and says which. */
export const findChanged = (node: TestNode, work: { id: string; fence: string }, fields: readonly FoundField[]) =>
  node.call(finishWork, {
    params: { id: work.id },
    body: {
      fence: work.fence,
      state: 'failed',
      problem: { code: 'source.changed', message: { zh: '表结构已变化', en: 'changed' }, fields: [...fields] },
    },
  })
