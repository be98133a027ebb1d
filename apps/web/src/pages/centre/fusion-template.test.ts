import { definitionFaults } from '@huitong/fusion/definition'
import { expect, test } from 'vitest'
import { beginning } from './fusion-template.ts'

const item = (code: string, zh: string) => ({ code, name: { zh } })
const table = (channelId: string, ...items: ReturnType<typeof item>[]) => ({
  channelId,
  datasetName: { zh: channelId },
  departmentName: { zh: '某部门' },
  items,
})

test('a beginning is made of what the items are called, has no faults, and leaves tables out that say nothing of people', () => {
  const settings = beginning('person', [
    table('police', item('xm', '姓名'), item('sfzh', '公民身份号码'), item('csrq', '出生日期')),
    table('welfare', item('person_name', '姓名'), item('id_number', '身份证号'), item('tel', '联系电话')),
    table('roads', item('name', '道路名称'), item('length', '长度')),
  ])
  expect(definitionFaults(settings.definition)).toEqual([])
  expect(settings.sources).toEqual([
    { channelId: 'police', items: { name: 'xm', number: 'sfzh', birth: 'csrq' }, updatedItem: null },
    { channelId: 'welfare', items: { name: 'person_name', number: 'id_number', phone: 'tel' }, updatedItem: null },
  ])
  expect(settings.survivorship.map((one) => [one.field, one.authority])).toEqual([
    ['name', ['police', 'welfare']],
    ['number', ['police', 'welfare']],
    ['birth', ['police']],
    ['phone', ['welfare']],
  ])
})

test('where nothing but the number can be compared, the number alone decides', () => {
  const { definition } = beginning('firm', [table('tax', item('code', '统一社会信用代码'))])
  expect(definition).toMatchObject({ blocking: [], comparisons: [], identifier: { kind: 'credit_code' } })
  expect(definitionFaults(definition)).toEqual([])
})
