import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import { UNSAID } from '@huitong/contract/search'
import { foldText } from '@huitong/search'
import { Jieba } from '@node-rs/jieba'
import { dict } from '@node-rs/jieba/dict.js'
import { pinyin } from 'pinyin-pro'

/** How the texts of the index are made. Another way of folding, cutting or choosing fields is another number. */
export const SCHEME = 1

/** What the index holds of one dataset, beside who may see it. */
export interface SearchTexts {
  readonly share: string
  readonly open: string
  readonly format: string
  readonly cycle: string
  readonly title: string
  readonly title_words: string
  readonly items: string
  readonly item_words: string
  readonly rest: string
}

type Name = { readonly zh: string; readonly en?: string }

/** The names of an item by which it is found. */
export const namesOfItem = (item: ItemContent): string[] => [...namesOf(item.name), item.code]
const namesOf = (name: Name | undefined): string[] => (name ? [name.zh, name.en ?? ''] : []).filter((one) => one !== '')

/** The folded texts of an entry. `codes` and `department` are the names that stand outside its content. */
export function searchTexts(content: DatasetContent, codes: readonly string[], department: Name): SearchTexts {
  const title = linesOf(namesOf(content.name))
  const items = linesOf((content.items ?? []).flatMap(namesOfItem))
  const rest = linesOf([...namesOf(content.summary), ...codes, ...namesOf(department), ...pinyinOf(content.name.zh)])
  return {
    share: content.shareAttribute ?? UNSAID,
    open: content.open ?? UNSAID,
    format: content.format?.class ?? UNSAID,
    cycle: content.updateCycle ?? UNSAID,
    title: joined(title),
    title_words: joined(title.map(cutWords)),
    items: joined(items),
    item_words: joined(items.map(cutWords)),
    rest: joined(rest),
  }
}

const linesOf = (texts: readonly string[]) => [...new Set(texts.map(foldText))]
const joined = (lines: readonly string[]) => `\n${lines.join('\n')}\n`

let jieba: Jieba | null = null

/** `低保发放` → `|低保|发放|`: where a text is cut into words, so that a word can be told from a coincidence of signs. */
export function cutWords(text: string): string {
  jieba ??= Jieba.withDict(dict)
  return `|${jieba.cut(text, true).join('|')}|`
}

/** `低保名单` → `dibaomingdan`, `dbmd`: for those who type without an input method. */
export function pinyinOf(name: string): string[] {
  const syllables = pinyin(name, { toneType: 'none', type: 'array', nonZh: 'consecutive', v: true })
  return [syllables.join(''), syllables.map((one) => Array.from(one)[0] ?? '').join('')]
}
