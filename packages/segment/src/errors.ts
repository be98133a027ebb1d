/** Words that people read, in both languages of the product. */
export interface Words {
  readonly zh: string
  readonly en: string
}

const WORDS = {
  bad_canonical_json: { zh: '内容不是规范 JSON', en: 'The content is not canonical JSON' },
  bad_key: { zh: '密钥格式不对', en: 'The key has a wrong format' },
  bad_box: { zh: '密封内容格式不对', en: 'The sealed box is malformed' },
  bad_manifest: { zh: '批次清单格式不对', en: 'The segment manifest is malformed' },
  bad_receipt: { zh: '回执格式不对', en: 'The receipt is malformed' },
  bad_signature: { zh: '签名验证不通过', en: 'The signature does not verify' },
  unknown_signer: { zh: '签名者不在信任名单内', en: 'The signer is not trusted' },
  sealed_digest_mismatch: { zh: '密文摘要与清单不符', en: 'The sealed bytes do not match the manifest' },
  plain_digest_mismatch: { zh: '明文摘要与清单不符', en: 'The plain bytes do not match the manifest' },
  plain_length_mismatch: { zh: '明文长度与清单不符', en: 'The plain length does not match the manifest' },
  row_count_mismatch: { zh: '行数与清单不符', en: 'The number of rows does not match the manifest' },
  not_a_recipient: { zh: '本方不是该批次的接收方', en: 'This key is not a recipient of the segment' },
  decrypt_failed: { zh: '解密失败', en: 'Decryption failed' },
  decompress_failed: { zh: '解压失败', en: 'Decompression failed' },
  plain_too_large: { zh: '单个批次超过大小上限', en: 'The segment is larger than the limit' },
  row_too_large: { zh: '单行数据超过大小上限', en: 'A single row is larger than the limit' },
  bad_text: { zh: '数据含有空字符或无效的 UTF-8', en: 'The data holds NUL characters or invalid UTF-8' },
  bad_value: { zh: '数据不是该类型的值', en: 'The text is no value of its type' },
  bad_csv: { zh: '数据不符合约定的 CSV 格式', en: 'The data breaks the agreed CSV dialect' },
  bad_column_type: { zh: '字段类型不受支持', en: 'The column type is not supported' },
  bad_argument: { zh: '参数不正确', en: 'An argument is wrong' },
} as const satisfies Record<string, Words>

/** Stable codes of every error that this package raises. */
export type SegmentErrorCode = keyof typeof WORDS

/**
 * An error of this package: a stable `code`, public `words`, and private `detail` for the log.
 * `detail` names places, sizes and digests, never data values or keys.
 */
export class SegmentError extends Error {
  readonly code: SegmentErrorCode
  readonly words: Words
  readonly detail: string

  constructor(code: SegmentErrorCode, detail: string, options?: ErrorOptions) {
    super(`${WORDS[code].en}: ${detail}`, options)
    this.name = 'SegmentError'
    this.code = code
    this.words = WORDS[code]
    this.detail = detail
  }
}
