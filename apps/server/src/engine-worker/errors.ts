const WORDS = {
  'engine.unavailable': { zh: '计算引擎暂不可用，请稍后重试。', en: 'The engine is not available; try again later.' },
  'engine.crashed': { zh: '计算引擎执行该任务时异常退出。', en: 'The engine ended while it worked on this job.' },
  'engine.busy': { zh: '等待计算引擎的任务过多。', en: 'Too many jobs wait for the engine.' },
  'engine.timeout': { zh: '计算任务超时。', en: 'The job took too long.' },
  'engine.cancelled': { zh: '计算任务已取消。', en: 'The job was cancelled.' },
  'engine.bad_input': { zh: '计算任务的输入不合规。', en: 'The input of the job is not valid.' },
  'engine.unknown_job': { zh: '没有这种计算任务。', en: 'There is no such kind of job.' },
  'engine.failed': { zh: '计算任务失败。', en: 'The job failed.' },
} as const

export type EngineErrorCode = keyof typeof WORDS

/** What the engine answers instead of a result. `detail` is for the log. */
export class EngineError extends Error {
  readonly code: EngineErrorCode
  readonly words: { readonly zh: string; readonly en: string }
  readonly detail: string

  constructor(code: EngineErrorCode, detail = '', options?: ErrorOptions) {
    super(detail === '' ? `${code}: ${WORDS[code].en}` : `${code}: ${WORDS[code].en} ${detail}`, options)
    this.name = 'EngineError'
    this.code = code
    this.words = WORDS[code]
    this.detail = detail
  }

  /** Nothing is wrong with the job: it can be asked for again later. */
  get isPassing(): boolean {
    return this.code === 'engine.cancelled' || this.code === 'engine.unavailable' || this.code === 'engine.busy'
  }
}

/** True for a code of ours, as it comes over the socket. */
export function isEngineErrorCode(code: unknown): code is EngineErrorCode {
  return typeof code === 'string' && Object.hasOwn(WORDS, code)
}
