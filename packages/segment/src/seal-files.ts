import { type FilePiece, wholeFiles } from './file-pieces.ts'
import type { SealedSegment } from './seal.ts'
import { sealInOrder, type SealOptions } from './seal-in-order.ts'

/** Bytes of files, one piece after the other. */
export interface FilePack {
  readonly done?: () => void
  readonly data: Uint8Array
  readonly pieces: readonly FilePiece[]
}

/** Settings of {@link sealFiles}. */
export type SealFilesOptions = SealOptions

/** Seals files as they are, in order; no files give one final segment without pieces. Errors as of `sealRows`. */
export function sealFiles(
  packs: AsyncIterable<FilePack>,
  options: SealFilesOptions,
): AsyncGenerator<SealedSegment, void, undefined> {
  return sealInOrder(packs, { data: new Uint8Array(0), pieces: [] }, options, ({ data, pieces }) => ({
    plain: data,
    kind: 'file',
    counts: { rows: String(wholeFiles(pieces)) },
    columns: [],
    file: pieces,
  }))
}
