import type { CanonicalValue } from './canonical-json.ts'
import { SegmentError, type SegmentErrorCode } from './errors.ts'
import * as check from './shape.ts'

/**
 * A piece of a file in a `file` segment. Sizes are decimal strings: `bytes` of the whole file, `offset` where this piece
 * begins, `length` of the piece. `digest` is the SHA-256 of the whole file, in every piece of it.
 */
export interface FilePiece {
  /** Path from the folder, parted by `/`. */
  readonly name: string
  readonly bytes: string
  readonly offset: string
  readonly length: string
  readonly digest: string
  /** The file changed while it was read: what came of it is nothing. Such a piece is empty. */
  readonly dropped: boolean
}

/** Most pieces of one segment, and most characters of all their names: the manifest stays within its limit. */
export const PIECES_MAX = 1000
export const PIECE_NAMES_CHARACTERS_MAX = 200_000
/** Longest path in bytes of UTF-8, and longest name in it: what Linux file systems take. */
export const FILE_PATH_BYTES_MAX = 3072
const FILE_NAME_BYTES_MAX = 255

/**
 * What keeps a path from travelling, or null: it must mean the same single file in every folder. Names are bytes: forms of
 * Unicode, blanks, leading dashes and the reserved names of Windows travel as they are.
 */
export function filePathFault(
  path: string,
): 'empty' | 'absolute' | 'outside' | 'hidden' | 'control' | 'backslash' | 'long' | 'unicode' | null {
  if (path === '') return 'empty'
  if (!path.isWellFormed() || path.includes('\ufffd')) return 'unicode'
  if (/[\p{Cc}\u2028\u2029]/u.test(path)) return 'control'
  if (path.includes('\\')) return 'backslash'
  if (path.startsWith('/')) return 'absolute'
  const names = path.split('/')
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'outside'
  // Also where the receiver keeps what is not whole yet.
  if (names.some((name) => name.startsWith('.'))) return 'hidden'
  const bytes = (text: string) => Buffer.byteLength(text, 'utf8')
  if (bytes(path) > FILE_PATH_BYTES_MAX || names.some((name) => bytes(name) > FILE_NAME_BYTES_MAX)) return 'long'
  return null
}

/** Whether a file comes to its end with this piece. */
export const isWhole = ({ bytes, offset, length, dropped }: FilePiece): boolean =>
  !dropped && BigInt(offset) + BigInt(length) === BigInt(bytes)

/** How many files come to their end in these pieces. */
export const wholeFiles = (pieces: readonly FilePiece[]): number => pieces.filter(isWhole).length

/** Pieces from outside. @throws SegmentError `code` that names the place. */
export function checkPieces(value: CanonicalValue | undefined, place: string, code: SegmentErrorCode): FilePiece[] {
  let names = 0
  return check.list(value, PIECES_MAX, place, code).map((item, i) => {
    const at = `${place}[${i}]`
    const piece = check.record(item, at, code)
    check.keys(piece, ['name', 'bytes', 'offset', 'length', 'digest', 'dropped'], at, code)
    const found: FilePiece = {
      name: check.text(piece['name'], `${at}.name`, code),
      bytes: check.decimal(piece['bytes'], `${at}.bytes`, code),
      offset: check.decimal(piece['offset'], `${at}.offset`, code),
      length: check.decimal(piece['length'], `${at}.length`, code),
      digest: check.digest(piece['digest'], `${at}.digest`, code),
      dropped: check.flag(piece['dropped'], `${at}.dropped`, code),
    }
    const fault = filePathFault(found.name)
    if (fault !== null) throw new SegmentError(code, `${at}.name is refused: ${fault}`)
    const [bytes, end] = [BigInt(found.bytes), BigInt(found.offset) + BigInt(found.length)]
    if (end > bytes) throw new SegmentError(code, `${at} passes the end of its file`)
    const isEmpty = found.length === '0'
    if (found.dropped !== (isEmpty && bytes > 0n)) throw new SegmentError(code, `${at} is empty, or dropped and not`)
    names += found.name.length
    if (names > PIECE_NAMES_CHARACTERS_MAX) throw new SegmentError(code, `${place} has names over the limit`)
    return found
  })
}
