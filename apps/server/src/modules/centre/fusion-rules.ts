import type { setFusion } from '@huitong/contract/fusion'
import type { BodyOf, Place } from '@huitong/contract'
import { definitionFaults } from '@huitong/fusion'
import { place } from '../../kernel/errors.ts'
import type { ReadableSource } from './fusion-sources.ts'

export type FusionSettings = BodyOf<typeof setFusion>

/** What is wrong with settings, given what the department may read. */
export function settingsFaults(settings: FusionSettings, readable: readonly ReadableSource[]): Place[] {
  const { definition, sources, survivorship, names } = settings
  const places = definitionFaults(definition).map((one) => place(`/definition${one.path}`, one.zh, one.en))
  const fields = new Set(definition.fields.map((one) => one.code))
  const unknown = (path: string, field: string): void => {
    if (!fields.has(field)) places.push(place(path, `没有字段「${field}」`, `there is no field "${field}"`))
  }
  for (const code of fields)
    if (names[code] === undefined) places.push(place(`/names/${code}`, '请填写字段名称', 'the field has no name'))
  sources.forEach((source, at) => {
    const found = readable.find((one) => one.row.id === source.channelId)
    const path = `/sources/${at}`
    if (!found)
      return places.push(
        place(
          `${path}/channelId`,
          '不是本部门获得授权且已落地的表',
          'is no landed table that is granted to the department',
        ),
      )
    if (sources.findIndex((one) => one.channelId === source.channelId) < at)
      places.push(place(`${path}/channelId`, '同一张表只能列一次', 'listed twice'))
    const items = [...Object.entries(source.items), ...(source.updatedItem === null ? [] : [['', source.updatedItem]])]
    for (const [field, item] of items as [string, string][]) {
      const where = field === '' ? `${path}/updatedItem` : `${path}/items/${field}`
      if (field !== '') unknown(where, field)
      if (!found.columns.has(item))
        places.push(
          place(where, '该表没有这个信息项，或授权不含该项', 'no such item in this table, or it is not granted'),
        )
    }
  })
  survivorship.forEach(({ field, authority }, at) => {
    unknown(`/survivorship/${at}/field`, field)
    authority.forEach((channel, rank) => {
      if (!sources.some((one) => one.channelId === channel))
        places.push(place(`/survivorship/${at}/authority/${rank}`, '不是本库的来源表', 'is no source of this library'))
    })
  })
  for (const code of fields)
    if (survivorship.filter((one) => one.field === code).length !== 1)
      places.push(
        place(
          '/survivorship',
          `字段「${code}」须有且只有一条取值规则`,
          `field "${code}" needs one rule of survivorship`,
        ),
      )
  return places
}
