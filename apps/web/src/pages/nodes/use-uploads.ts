import { ERRORS, type ErrorCode } from '@huitong/contract'
import { FRAME_BYTES, TUS_PATH } from '@huitong/contract/nodes'
import { useEffect, useRef, useState } from 'react'
import { DetailedError, Upload } from 'tus-js-client'
import type { Said } from '../../words/index.ts'
import { digestOfFile } from './upload-digest.ts'
import { UPLOADS } from './uploads-words.ts'

const RETRY_DELAYS_MS = [0, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000]
const LOST: Said = { zh: '网络中断，可点“继续”续传', en: 'The line broke; it can go on' }

/** A file on its way from this browser. */
export interface Sending {
  readonly key: number
  readonly name: string
  readonly bytes: number
  readonly state: 'digesting' | 'sending' | 'whole' | 'failed'
  /** Bytes that are digested, or that the platform has. */
  readonly done: number
  readonly problem: Said | null
}

interface Running {
  readonly file: File
  stop(): void
}

/** Files that this page sends, one after the other being prepared, each by the tus protocol. `ended` is told of each. */
export function useUploads(sourceId: string, ended: () => void) {
  const [sending, setSending] = useState<readonly Sending[]>([])
  const running = useRef(new Map<number, Running>())
  const keys = useRef(0)
  const change = (key: number, over: Partial<Sending>) =>
    setSending((all) => all.map((one) => (one.key === key ? { ...one, ...over } : one)))
  const active = sending.some((one) => one.state === 'digesting' || one.state === 'sending')

  useEffect(() => {
    if (!active) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [active])
  // Whoever leaves the page stops what it sends; it goes on when the file is chosen again.
  useEffect(() => {
    const all = running.current
    return () => {
      for (const one of all.values()) one.stop()
    }
  }, [])

  const run = async (key: number, file: File) => {
    const abort = new AbortController()
    running.current.set(key, { file, stop: () => abort.abort() })
    change(key, { state: 'digesting', done: 0, problem: null })
    try {
      const digest = await digestOfFile(file, (done) => change(key, { done }), abort.signal)
      change(key, { state: 'sending', done: 0 })
      await send({ file, sourceId, digest, signal: abort.signal, told: (done) => change(key, { done }) })
      change(key, { state: 'whole', done: file.size })
    } catch (error) {
      if (!abort.signal.aborted) change(key, { state: 'failed', problem: await problemOf(error) })
    }
    ended()
  }
  return {
    sending,
    add(files: readonly File[]) {
      for (const file of files) {
        const key = ++keys.current
        setSending((all) => [
          ...all,
          { key, name: file.name, bytes: file.size, state: 'digesting', done: 0, problem: null },
        ])
        void run(key, file)
      }
    },
    resume(key: number) {
      const one = running.current.get(key)
      if (one) void run(key, one.file)
    },
    cancel(key: number) {
      running.current.get(key)?.stop()
      running.current.delete(key)
      setSending((all) => all.filter((one) => one.key !== key))
    },
  }
}

interface Order {
  readonly file: File
  readonly sourceId: string
  readonly digest: string
  readonly signal: AbortSignal
  readonly told: (bytes: number) => void
}

/** Sends a file, from where an earlier attempt of this browser left it. */
async function send({ file, sourceId, digest, signal, told }: Order): Promise<void> {
  let upload!: Upload
  const whole = new Promise<void>((resolve, reject) => {
    upload = new Upload(file, {
      endpoint: TUS_PATH,
      chunkSize: 2 * FRAME_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      removeFingerprintOnSuccess: true,
      metadata: { sourceId, filename: file.name, digest },
      // By its content: a file that has changed since is another upload.
      fingerprint: () => Promise.resolve(`huitong ${sourceId} ${file.name} ${digest}`),
      onProgress: (done) => told(done),
      onError: reject,
      onSuccess: () => resolve(),
    })
    signal.addEventListener('abort', () => {
      void upload.abort()
      reject(new DOMException('aborted', 'AbortError'))
    })
  })
  if (signal.aborted) throw new DOMException('aborted', 'AbortError')
  const [previous] = await upload.findPreviousUploads()
  if (previous) upload.resumeFromPreviousUpload(previous)
  upload.start()
  await whole
}

/** What the platform says of it, else that the line broke or the file cannot be read. */
async function problemOf(error: unknown): Promise<Said> {
  if (!(error instanceof DetailedError))
    return { zh: '文件无法读取，可能已被移动或修改', en: 'The file cannot be read: it was moved or changed' }
  const body = error.originalResponse?.getBody()
  if (!body) return LOST
  try {
    const { code, places } = (
      JSON.parse(body) as { error: { code: ErrorCode; places?: { path: string; problem: Said }[] } }
    ).error
    if (places?.[0]?.path.endsWith('/fileName')) return UPLOADS.badName
    return places?.[0]?.problem ?? ERRORS[code].words
  } catch {
    return LOST
  }
}
