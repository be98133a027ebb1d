import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeOwn, namesIn, removeAll, writeOwn } from '@huitong/ferry'
import type { PlatformMessage } from '@huitong/contract/ferry'

type Listed = { sequence: number; digest: string; manifest: string }

const AT_ONCE_MAX = 8
const MANIFEST = /^(\d{1,10})\.json$/

/**
 * Segments that were ferried to this node and wait to be applied: `<stream>/<generation>/<sequence>.seg` and `.json`,
 * the latter written last. Their bytes are removed when they were applied, the rest when the run has ended.
 */
export class ArrivedSegments {
  readonly #dir: string
  /** Where the bytes of a listed segment are. */
  readonly #paths = new Map<string, string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Keeps a segment durably. The same one again is harmless. */
  async put(message: PlatformMessage<'segment'>, sealed: Uint8Array): Promise<void> {
    const { stream, generation, sequence, digest, manifest } = message
    const folder = join(this.#dir, stream, String(generation))
    await makeOwn(folder)
    await writeOwn(join(folder, `${sequence}.seg`), sealed)
    await writeOwn(join(folder, `${sequence}.json`), JSON.stringify({ sequence, digest, manifest } satisfies Listed))
  }

  /** The next segments after one, of the newest generation that has come: in its order and without a gap. */
  async list(stream: string, asked: number, after: number): Promise<{ generation: number; segments: Listed[] }> {
    const generations = (await namesIn(join(this.#dir, stream))).map(Number)
    const generation = Math.max(asked, ...generations)
    if (generation !== asked) return { generation, segments: [] }
    const folder = join(this.#dir, stream, String(asked))
    const here = new Set((await namesIn(folder)).map((name) => Number(MANIFEST.exec(name)?.[1] ?? 0)))
    const segments: Listed[] = []
    for (let next = after + 1; here.has(next) && segments.length < AT_ONCE_MAX; next++) {
      const one = JSON.parse(await readFile(join(folder, `${next}.json`), 'utf8')) as Listed
      segments.push(one)
      this.#paths.set(one.digest, join(folder, `${next}.seg`))
    }
    return { generation, segments }
  }

  /** The bytes of a segment that was listed; null when there is none. */
  async bytes(digest: string): Promise<Buffer | null> {
    const path = this.#paths.get(digest)
    return path === undefined ? null : readFile(path)
  }

  /** A segment was applied: its bytes are not needed again. */
  async applied(stream: string, generation: number, sequence: number, digest: string): Promise<void> {
    this.#paths.delete(digest)
    await removeAll(join(this.#dir, stream, String(generation), `${sequence}.seg`))
  }

  /** A run has ended with a generation: it and older ones are forgotten. */
  async ended(stream: string, generation: number): Promise<void> {
    for (const name of await namesIn(join(this.#dir, stream))) {
      if (Number(name) <= generation) await removeAll(join(this.#dir, stream, name))
    }
  }
}
