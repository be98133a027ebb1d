import type { Speaker } from '../../words/index.ts'

/** Which list of words the values of a field belong to, by the field's name in the content. */
const LISTS: Readonly<Record<string, string>> = {
  shareAttribute: 'shareAttribute',
  updateCycle: 'updateCycle',
  shareMethods: 'method',
  open: 'open',
  level: 'level',
  type: 'itemType',
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value of the content in words: enumerations by their words, language maps by their text, objects part by part. */
export function toldValue(path: string, value: unknown, speaker: Speaker): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'boolean') return speaker.t(value ? 'word.yes' : 'word.no')
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') {
    const list =
      LISTS[
        path
          .split('/')
          .filter((part) => !/^\d+$/.test(part))
          .pop() ?? ''
      ]
    return list ? speaker.choice(list, value) : value
  }
  if (Array.isArray(value)) return speaker.listed(value.map((one) => toldValue(path, one, speaker)))
  if (!isObject(value)) return String(value)
  if (typeof value['zh'] === 'string') return speaker.say({ zh: value['zh'], en: value['en'] as string | undefined })
  return Object.entries(value)
    .map(([name, inner]) => toldValue(`${path}/${name}`, inner, speaker))
    .join(' · ')
}
