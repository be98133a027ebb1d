/** Stable codes of everything the ledger refuses. Search them in the documentation. */
export type LedgerErrorCode =
  | 'bad_input'
  | 'bad_key'
  | 'bad_note'
  | 'bad_signature'
  | 'no_trusted_signature'
  | 'bad_checkpoint'
  | 'bad_origin'
  | 'bad_proof'
  | 'not_included'
  | 'bad_leaf'
  | 'bad_path'
  | 'bad_tile'
  | 'tile_missing'
  | 'tile_conflict'
  | 'edge_damaged'
  | 'staging_damaged'
  | 'log_missing'
  | 'log_exists'
  | 'log_rolled_back'
  | 'lock_conflict'
  | 'fsync_failed'

const WORDS: Record<LedgerErrorCode, { zh: string; en: string }> = {
  bad_input: { zh: '输入不符合要求', en: 'The input is not acceptable' },
  bad_key: { zh: '密钥格式不正确', en: 'The key is malformed' },
  bad_note: { zh: '签名文本格式不正确', en: 'The signed note is malformed' },
  bad_signature: { zh: '签名验证失败', en: 'A signature does not verify' },
  no_trusted_signature: { zh: '没有受信任密钥的签名', en: 'No signature is by a trusted key' },
  bad_checkpoint: { zh: '检查点格式不正确', en: 'The checkpoint is malformed' },
  bad_origin: { zh: '检查点不属于该日志', en: 'The checkpoint is of another log' },
  bad_proof: { zh: '证明文件格式不正确', en: 'The proof is malformed' },
  not_included: { zh: '该条目不在日志中', en: 'The entry is not in the log' },
  bad_leaf: { zh: '存证条目格式不正确', en: 'The evidence entry is malformed' },
  bad_path: { zh: '存储路径不正确', en: 'The storage path is malformed' },
  bad_tile: { zh: '日志数据块损坏', en: 'A tile or bundle is damaged' },
  tile_missing: { zh: '日志数据块缺失', en: 'A tile or bundle is missing' },
  tile_conflict: { zh: '已有内容不同的数据块', en: 'Another content is already stored under this path' },
  edge_damaged: { zh: '日志末端与检查点不符，已停止签发', en: 'The edge of the tree does not match; signing stops' },
  staging_damaged: { zh: '待写批次损坏或缺失，已停止签发', en: 'The staged batch is damaged; signing stops' },
  log_missing: { zh: '日志尚未建立', en: 'The log does not exist yet' },
  log_exists: { zh: '日志已存在', en: 'The log already exists' },
  log_rolled_back: { zh: '检查点早于已公布的状态，已停止签发', en: 'The lock is behind what was published' },
  lock_conflict: { zh: '另一进程正在写入日志', en: 'Another process writes to this log' },
  fsync_failed: { zh: '数据未能落盘，进程必须停止', en: 'Data did not reach the disk; the process must stop' },
}

/** A refusal with a stable code, public words in both languages, the place it is about, and a private detail for logs. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode
  /** Where: a path, a line (`line 3`), a field (`proof`), an entry (`entry 17`). Empty when there is no narrower place. */
  readonly place: string
  readonly words: { zh: string; en: string }

  constructor(code: LedgerErrorCode, detail: string, place = '', options?: ErrorOptions) {
    super(place === '' ? `${code}: ${detail}` : `${code} at ${place}: ${detail}`, options)
    this.name = 'LedgerError'
    this.code = code
    this.place = place
    this.words = WORDS[code]
  }
}

/** After this error the process must end: a failed fsync may have dropped pages, and a second try would lie. */
export class LedgerFatalError extends LedgerError {
  constructor(detail: string, place: string, options?: ErrorOptions) {
    super('fsync_failed', detail, place, options)
    this.name = 'LedgerFatalError'
  }
}
