/** The larger of two counts, decimal text. */
export const larger = (left: string, right: string) => (BigInt(left) > BigInt(right) ? left : right)

/** What a run of files carries in all, as its node said, and what of it has arrived. */
export const filesOf = (files: { total: number; bytes: string } | null | undefined, bytesApplied: string) =>
  files == null ? {} : { files: { total: files.total, bytes: files.bytes, bytesApplied } }
