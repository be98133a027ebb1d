import { useMemo } from 'react'
import { usePreferences, type Language } from '../preferences.tsx'
import { dictionary, type WordKey } from './dictionary.ts'

export type { WordKey }
export type Said = { readonly zh: string; readonly en?: string | undefined }
export type Values = Readonly<Record<string, string | number>>

/** Fills `{name}` places of a text. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place))
}

export interface Speaker {
  readonly language: Language
  /** Words of our own dictionary. */
  t(key: WordKey, values?: Values): string
  /** Words that the server gave in both languages, or a language map in which Chinese is always there. */
  say(said: Said): string
  /** A word of an enumeration: `choice('shareAttribute', 'refused')`. */
  choice(list: string, value: string | null | undefined): string
  /** Several words in a row. */
  listed(words: readonly string[]): string
}

/** A speaker of one language; pages take theirs from {@link useWords}. */
export function speaker(language: Language): Speaker {
  const t = (key: WordKey, values?: Values) => fill(dictionary[key][language], values)
  return {
    language,
    t,
    say: (said) => (language === 'en' && said.en ? said.en : said.zh),
    choice: (list, value) => {
      if (value === null || value === undefined) return '–'
      const key = `${list}.${value}`
      return key in dictionary ? t(key as WordKey) : value
    },
    listed: (words) => words.join(language === 'zh' ? '、' : ', '),
  }
}

/** The speaker of the chosen language. */
export function useWords(): Speaker {
  const { language } = usePreferences()
  return useMemo(() => speaker(language), [language])
}
