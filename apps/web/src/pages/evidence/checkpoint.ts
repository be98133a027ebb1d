/** A checkpoint of the log (C2SP tlog-checkpoint): origin, height, root hash, then signatures. */
export interface Checkpoint {
  readonly origin: string
  /** Number of entries, shown as 区块高度. */
  readonly height: string
  readonly root: string
  /** Names of who signed or cosigned. */
  readonly signers: readonly string[]
}

/** Reads the text of a checkpoint; null when it has another form. Signatures are not verified here. */
export function readCheckpointNote(note: string): Checkpoint | null {
  const [body, signatures] = note.split('\n\n')
  const [origin, height, root] = (body ?? '').split('\n')
  if (!origin || !height || !/^\d+$/.test(height) || !root || !signatures) return null
  const signers = signatures.split('\n').flatMap((line) => /^\u2014 (\S+) \S+$/.exec(line)?.[1] ?? [])
  return { origin, height, root, signers }
}
