import { Type } from 'typebox'
import { Bilingual, exact, Instant, nullable, oneOf } from './common.ts'

/**
 * How a node and the platform reach each other. `line`: the node dials out. The others exchange files: through a gate both
 * ways (`ferry`), through one that only brings to the platform (`ferry_in`) or only takes from it (`ferry_out`), where a
 * person carries the other way, or carried by hand both ways (`hand`).
 */
export const NodeLink = oneOf('line', 'ferry', 'ferry_in', 'ferry_out', 'hand')

/** How the files of a ferried node cross; numbers are those of the files, each way counted by itself. */
export const Crossing = exact({
  /** Last file that was taken from the node, and when. */
  takenNumber: Type.Integer(),
  takenAt: nullable(Instant),
  /** Last file that was laid out for the node, when, and up to where the node has said that it took them. */
  sentNumber: Type.Integer(),
  sentAt: nullable(Instant),
  acknowledgedNumber: Type.Integer(),
  /** Files that were made and could not be laid out yet. */
  waitingFiles: Type.Integer(),
  /** What holds the crossing up, or was refused of late. */
  problem: nullable(exact({ code: Type.String(), message: Bilingual, since: Instant })),
})

/** An end of a task whose node has no line: how its files cross; null where that is not the viewer's to see. */
export const EndCrossing = exact({
  end: oneOf('source', 'target'),
  link: NodeLink,
  crossing: nullable(Crossing),
})
