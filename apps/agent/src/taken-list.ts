import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { UnmarkedRow } from '@huitong/connectors'
import { isMissing, makeFolder, remove } from './files.ts'

/** Lists of a channel that are kept: the platform orders marks by one of the latest. */
const LISTS_MAX = 8
const ROWS_AT_ONCE = 1_000
const FOLDER = 'taken'

/** Which reading listed the rows. */
export interface Reading {
  readonly channel: string
  readonly stream: string
  readonly generation: number
}

/**
 * The rows of a front table that a reading found unmarked, kept until the platform orders that they are marked:
 * `taken/<channel>/<stream>.<generation>`, a row a line. It need not outlive a power cut: rows of a list that is lost stay
 * unmarked, are read again and listed anew.
 */
export class TakenList {
  readonly #path: string
  readonly #folder: string
  readonly #file: FileHandle

  private constructor(folder: string, path: string, file: FileHandle) {
    this.#folder = folder
    this.#path = path
    this.#file = file
  }

  static async begin(dir: string, reading: Reading): Promise<TakenList> {
    const folder = join(dir, FOLDER, reading.channel)
    await makeFolder(folder)
    const path = join(folder, nameOf(reading))
    return new TakenList(folder, path, await open(`${path}.part`, 'w', 0o600))
  }

  async add(rows: readonly UnmarkedRow[]): Promise<void> {
    await this.#file.writeFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  }

  /** The snapshot was listed to its end. */
  async keep(): Promise<void> {
    await this.#file.close()
    await rename(`${this.#path}.part`, this.#path)
    const names = await readdir(this.#folder)
    const aged = await Promise.all(
      names.map(async (name) => ({ name, at: await stat(join(this.#folder, name)).then(({ mtimeMs }) => mtimeMs) })),
    )
    for (const { name } of aged.sort((a, b) => b.at - a.at).slice(LISTS_MAX)) await remove(this.#folder, name)
  }

  async drop(): Promise<void> {
    await this.#file.close()
    await remove(`${this.#path}.part`)
  }

  /** The rows of a list in parts; null when it is not here. */
  static async rows(dir: string, reading: Reading): Promise<AsyncGenerator<UnmarkedRow[]> | null> {
    const path = join(dir, FOLDER, reading.channel, nameOf(reading))
    try {
      await stat(path)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
    return partsOf(path)
  }

  static forget = (dir: string, reading: Reading): Promise<void> =>
    remove(dir, FOLDER, reading.channel, nameOf(reading))
}

const nameOf = ({ stream, generation }: Reading) => `${stream}.${generation}`

async function* partsOf(path: string): AsyncGenerator<UnmarkedRow[]> {
  let rows: UnmarkedRow[] = []
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    rows.push(JSON.parse(line) as UnmarkedRow)
    if (rows.length < ROWS_AT_ONCE) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}
