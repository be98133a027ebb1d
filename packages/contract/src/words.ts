/** A text that people read, in both languages of the pages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** Shorthand for a bilingual text. */
export const words = (zh: string, en: string): Words => ({ zh, en })
