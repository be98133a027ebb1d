import { expect, test } from 'vitest'
import { previewMask, viewMask } from './index.ts'

const of = (code: string, name: string, personal = true) => viewMask({ code, name, personal })

test('names, numbers, phones and addresses of people are masked without a purpose', () => {
  expect(of('name', '姓名')).toBe('name')
  expect(of('name', '名字')).toBe('name')
  expect(of('person_name', '对象')).toBe('name')
  expect(of('legal_person', '法定代表人', false)).toBe('name')
  expect(of('id_number', '公民身份号码')).toBe('id_number')
  expect(of('legal_person_id', '法定代表人身份证号', false)).toBe('id_number')
  expect(of('phone', '联系电话', false)).toBe('phone')
  expect(of('address', '户籍地址')).toBe('null')
})

test('what is not of a person stays as it is', () => {
  expect(of('name', '企业名称', false)).toBeNull()
  expect(of('address', '住所', false)).toBeNull()
  expect(of('credit_code', '统一社会信用代码', false)).toBeNull()
  expect(of('sex', '性别')).toBeNull()
})

test('a preview leaves empty what is of a person and has no mask of its own', () => {
  const preview = (code: string, name: string, personal: boolean) => previewMask({ code, name, personal })
  expect(preview('name', '姓名', true)).toBe('name')
  expect(preview('birth_date', '出生日期', true)).toBe('null')
  expect(preview('village_code', '村级代码', false)).toBeNull()
})
