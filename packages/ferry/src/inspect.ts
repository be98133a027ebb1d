import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { beginningOf, namesIn } from './disk.ts'
import { type Header, nameOf, readTop, TOP_BYTES_MAX } from './envelope.ts'
import { FerryError, type FerryErrorCode } from './errors.ts'

/** A file of a folder, as anybody can judge it who holds no key. */
export interface Inspected {
  readonly name: string
  /** Null when nothing can be read of it. */
  readonly header: Header | null
  /** Null: it is whole and of its digest, under its own name. */
  readonly fault: FerryErrorCode | null
}

/** Numbers that are not in a folder though later ones of the same series are. */
export interface Missing {
  readonly node: string
  readonly direction: Header['direction']
  readonly series: string
  readonly numbers: readonly number[]
}

const MISSING_MAX = 100

/** Every file of a folder whose name ends in `.ferry`, in order of name. Signatures and content need keys and are not checked. */
export async function inspectFolder(folder: string): Promise<Inspected[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.ferry') && !name.startsWith('.'))
  const found: Inspected[] = []
  for (const name of names.sort()) found.push(await inspectFile(folder, name))
  return found
}

async function inspectFile(folder: string, name: string): Promise<Inspected> {
  const path = join(folder, name)
  try {
    const top = readTop(await beginningOf(path, TOP_BYTES_MAX))
    if (top === null) return { name, header: null, fault: 'cut' }
    const { header } = top
    if (nameOf(header) !== name) return { name, header, fault: 'renamed' }
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of createReadStream(path, { start: top.top.length })) {
      bytes += (chunk as Buffer).length
      hash.update(chunk as Buffer)
    }
    if (bytes < header.bytes) return { name, header, fault: 'cut' }
    const isSame = bytes === header.bytes && hash.digest('hex') === header.digest
    return { name, header, fault: isSame ? null : 'damaged' }
  } catch (error) {
    if (!(error instanceof FerryError)) throw error
    return { name, header: null, fault: error.code }
  }
}

/** What is missing between the files of a folder: the first of a series may have been carried before. */
export function missingOf(files: readonly Inspected[]): Missing[] {
  const series = Map.groupBy(
    files.flatMap(({ header }) => (header !== null && header.number > 0 ? [header] : [])),
    (header) => `${header.node} ${header.direction} ${header.series}`,
  )
  return [...series.values()].flatMap((headers) => {
    const here = new Set(headers.map(({ number }) => number))
    const [first, last] = [Math.min(...here), Math.max(...here)]
    const numbers: number[] = []
    for (let number = first; number < last && numbers.length < MISSING_MAX; number++)
      if (!here.has(number)) numbers.push(number)
    const { node, direction, series: name } = headers[0]!
    return numbers.length === 0 ? [] : [{ node, direction, series: name, numbers }]
  })
}
