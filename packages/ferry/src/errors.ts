import type { Words } from '@huitong/segment'

const WORDS = {
  not_ferry: { zh: '不是摆渡文件', en: 'Not a ferry file' },
  cut: { zh: '文件没有传完', en: 'The file is cut short' },
  damaged: { zh: '文件内容被改动或损坏', en: 'The file was changed or damaged' },
  foreign: { zh: '不是本节点、本方向的文件', en: 'A file of another node or direction' },
  unsigned: { zh: '签名不是对方的', en: 'Not signed by the other side' },
  renamed: { zh: '文件名与内容不符', en: 'The name is not that of the content' },
  reused: { zh: '同一序号收到过另一内容', en: 'The number was used for another content before' },
  history: { zh: '与此前收到的文件不衔接', en: 'Does not follow what was received before' },
  old_series: { zh: '属于已作废的编号', en: 'Of a numbering that is no longer in force' },
  unreadable: { zh: '无法用本方密钥打开', en: 'Does not open with our key' },
  too_large: { zh: '文件超过大小上限', en: 'The file is larger than the limit' },
} as const satisfies Record<string, Words>

/** Why a file is not taken. */
export type FerryErrorCode = keyof typeof WORDS

/** A file that is refused: a stable `code`, public `words`, private `detail` without data. */
export class FerryError extends Error {
  readonly code: FerryErrorCode
  readonly words: Words
  readonly detail: string
  constructor(code: FerryErrorCode, detail: string, options?: ErrorOptions) {
    super(`${WORDS[code].en}: ${detail}`, options)
    this.name = 'FerryError'
    this.code = code
    this.words = WORDS[code]
    this.detail = detail
  }
}

/** The words of a code. */
export const ferryWords = (code: FerryErrorCode): Words => WORDS[code]
