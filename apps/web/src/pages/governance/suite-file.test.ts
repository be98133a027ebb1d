import { expect, test } from 'vitest'
import { FileFault, readSuiteFile, suiteFile, type Suite } from './suite-file.ts'

const SUITE: Suite = {
  rules: [{ code: 'a', kind: 'required', name: { zh: '必填' }, parameters: { column: 'x' }, origin: 'standard' }],
  repairWorkingDays: 7,
}

test('a suite goes into a file and comes back as it was', () => {
  expect(readSuiteFile(suiteFile(SUITE, '低保'))).toEqual(SUITE)
})

test('a file that holds no suite says why, in both languages', () => {
  const faultOf = (text: string) => {
    try {
      readSuiteFile(text)
    } catch (error) {
      return error instanceof FileFault ? error.words : error
    }
    return null
  }
  expect(faultOf('{')).toEqual({ zh: '不是 JSON', en: 'not JSON' })
  expect(faultOf('{"rules":[]}')).toEqual({ zh: 'format 不是 huitong.rules/1', en: 'format is not huitong.rules/1' })
  const broken = suiteFile({ ...SUITE, rules: [SUITE.rules[0]!, { code: 'b' } as never] }, 'x')
  expect(faultOf(broken)).toEqual({ zh: '第 2 条规则不完整', en: 'rule 2 is not whole' })
})
