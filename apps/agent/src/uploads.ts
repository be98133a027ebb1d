import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CallError } from '@huitong/contract'
import { FRAME_BYTES, fetchUpload, framePlace, listNodeUploads } from '@huitong/contract/nodes'
import { openFrame } from '@huitong/segment'
import type { WorkContext } from './context.ts'
import { isMissing, makeFolder, readText, remove, syncFolder, writeDurable } from './files.ts'
import { WorkError } from './problem.ts'
import { Backoff, isPassing } from './retry.ts'

/** Which upload each file is of; hidden, so that it is no table. */
const INDEX = '.index.json'

interface Listed {
  readonly id: string
  readonly fileName: string
  readonly bytes: string
  readonly digest: string
}

/**
 * Brings the folder of a source to what was uploaded for it: what is new is fetched, opened and compared with its digest,
 * and only then has its name; what is gone is removed. One at a time for a source.
 * @returns the folder.
 * @throws WorkError `segment.digest`; SegmentError `decrypt_failed` when it was sealed to an earlier key of this node.
 */
export function fetchUploads(sourceId: string, context: WorkContext): Promise<string> {
  return context.turns.run(`uploads ${sourceId}`, context.signal, async () => {
    const folder = join(context.dir, 'uploads', sourceId)
    await makeFolder(folder)
    const { items } = await context.platform.ask(
      listNodeUploads,
      { params: { id: sourceId } },
      { signal: context.signal },
    )
    const index = await readIndex(folder)
    for (const name of await readdir(folder)) {
      const isWanted = items.some((one) => one.fileName === name || partOf(one) === name)
      if (!isWanted && name !== INDEX) await remove(folder, name)
    }
    for (const one of items) {
      checkName(one.fileName)
      const has = index[one.fileName] === one.id && (await sizeOf(join(folder, one.fileName))) === Number(one.bytes)
      if (has) continue
      await fetchOne(folder, one, context)
      index[one.fileName] = one.id
      await writeDurable(join(folder, INDEX), JSON.stringify(index))
    }
    return folder
  })
}

const partOf = ({ id }: Listed) => `.${id}.part`

/** The platform checks names too; what becomes a path here is checked here. */
function checkName(name: string): void {
  if (/[/\\\0]/.test(name) || name.startsWith('.'))
    throw new WorkError('request.invalid', 'a file name with a path in it')
}

async function readIndex(folder: string): Promise<Record<string, string>> {
  const text = await readText(join(folder, INDEX))
  return Object.assign(Object.create(null) as Record<string, string>, text === null ? {} : JSON.parse(text))
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

async function fetchOne(folder: string, file: Listed, context: WorkContext): Promise<void> {
  const part = join(folder, partOf(file))
  const bytes = Number(file.bytes)
  const handle = await open(part, 'a', 0o600)
  try {
    // What a crash has torn is fetched again.
    const whole = Math.floor(Math.min(await sizeOf(part), bytes) / FRAME_BYTES)
    await handle.truncate(whole * FRAME_BYTES)
    for (let frame = whole; frame * FRAME_BYTES < bytes; frame++) {
      await handle.appendFile(await fetchFrame(file.id, frame, context))
      context.report({ file: file.fileName, fetched: String(Math.min(bytes, (frame + 1) * FRAME_BYTES)) })
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  if ((await sizeOf(part)) !== bytes || (await digestOf(part)) !== file.digest) {
    await remove(part)
    throw new WorkError('segment.digest', `uploaded file ${file.id}`)
  }
  await rename(part, join(folder, file.fileName))
  await syncFolder(folder)
  context.log.info('upload.fetched', { upload: file.id, bytes: file.bytes })
}

async function fetchFrame(id: string, frame: number, context: WorkContext): Promise<Buffer> {
  const backoff = new Backoff()
  for (;;) {
    try {
      const input = { params: { id, frame: String(frame) } }
      const pieces: Uint8Array[] = []
      for await (const piece of context.platform.stream(fetchUpload, input, context.signal)) pieces.push(piece)
      return await openFrame(context.keys.sealing.privateKey, Buffer.concat(pieces), framePlace(id, frame))
    } catch (error) {
      context.signal.throwIfAborted()
      if (!(error instanceof CallError) || !isPassing(error)) throw error
    }
    await backoff.wait(context.signal)
  }
}

/** SHA-256 over the SHA-256 of each frame. */
async function digestOf(path: string): Promise<string> {
  const whole = createHash('sha256')
  let frame = createHash('sha256')
  let length = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    for (let rest = chunk as Buffer; rest.length > 0;) {
      const taken = rest.subarray(0, FRAME_BYTES - length)
      frame.update(taken)
      length += taken.length
      rest = rest.subarray(taken.length)
      if (length < FRAME_BYTES) continue
      whole.update(frame.digest())
      frame = createHash('sha256')
      length = 0
    }
  }
  if (length > 0) whole.update(frame.digest())
  return whole.digest('hex')
}
