const WORDS = {
  'storage.full': { zh: '存储空间不足，未接收任何内容。', en: 'The storage is full; nothing was accepted.' },
  'storage.absent': { zh: '对象不存在。', en: 'There is no such object.' },
  'storage.conflict': { zh: '同名对象已存在且内容不同。', en: 'Another object of this name exists.' },
  'storage.size_mismatch': { zh: '内容长度与声明不符。', en: 'The content has not the declared size.' },
  'storage.digest_mismatch': { zh: '内容摘要与声明不符。', en: 'The content has not the declared digest.' },
  'storage.offset_mismatch': { zh: '续传位置不符。', en: 'The upload continues at another offset.' },
  'storage.upload_busy': { zh: '该上传正在进行。', en: 'This upload is being written.' },
  'storage.upload_absent': { zh: '上传不存在或已过期。', en: 'There is no such upload.' },
  'storage.bad_key': { zh: '对象名不合规。', en: 'The object key is not allowed.' },
  'storage.bad_range': { zh: '请求的字节范围无效。', en: 'The byte range is outside the object.' },
} as const

export type StorageErrorCode = keyof typeof WORDS

/** What a store refuses, with a stable code and public words. `detail` names the place (key, offset, bytes). */
export class StorageError extends Error {
  readonly code: StorageErrorCode
  readonly words: { readonly zh: string; readonly en: string }
  readonly detail: Readonly<Record<string, string | number>>

  constructor(code: StorageErrorCode, detail: Record<string, string | number> = {}, options?: ErrorOptions) {
    super(`${code}: ${WORDS[code].en} ${JSON.stringify(detail)}`, options)
    this.name = 'StorageError'
    this.code = code
    this.words = WORDS[code]
    this.detail = detail
  }
}

/**
 * Data could not be made durable. After a failed fsync the kernel may have thrown the pages away and the next fsync may
 * "succeed" without them, so nothing may be retried: the process must end, and recover from what is on the disk.
 */
export class FatalDurabilityError extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`could not be made durable: ${what}`, options)
    this.name = 'FatalDurabilityError'
  }
}
