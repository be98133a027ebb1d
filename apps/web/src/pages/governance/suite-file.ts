import type { BodyOf } from '@huitong/contract'
import type { updateSuite } from '@huitong/contract/governance'

export type Suite = BodyOf<typeof updateSuite>
export type Rule = Suite['rules'][number]

const FORMAT = 'huitong.rules/1'

/** A suite as a file that another platform, or another dataset, can take. */
export const suiteFile = (suite: Suite, dataset: string): string =>
  `${JSON.stringify({ format: FORMAT, dataset, ...suite }, null, 2)}\n`

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads such a file; what it holds is checked by the server when it is saved. @throws Error that says in two languages what is wrong. */
export function readSuiteFile(text: string): Suite {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw new FileFault('不是 JSON', 'not JSON')
  }
  if (!isObject(read) || read['format'] !== FORMAT)
    throw new FileFault(`format 不是 ${FORMAT}`, `format is not ${FORMAT}`)
  const { rules, repairWorkingDays } = read
  if (!Array.isArray(rules)) throw new FileFault('没有 rules', 'no rules')
  const bad = rules.findIndex(
    (one) =>
      !isObject(one) ||
      typeof one['code'] !== 'string' ||
      typeof one['kind'] !== 'string' ||
      !isObject(one['name']) ||
      !isObject(one['parameters']),
  )
  if (bad >= 0) throw new FileFault(`第 ${bad + 1} 条规则不完整`, `rule ${bad + 1} is not whole`)
  // Whole as far as a page can tell; kinds and parameters are the server's to judge.
  return { rules: rules as Rule[], repairWorkingDays: typeof repairWorkingDays === 'number' ? repairWorkingDays : 10 }
}

export class FileFault extends Error {
  readonly words: { readonly zh: string; readonly en: string }
  constructor(zh: string, en: string) {
    super(en)
    this.words = { zh, en }
  }
}
