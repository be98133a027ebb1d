import { LedgerFatalError } from '@huitong/ledger'
import { FatalDurabilityError } from '@huitong/objects'

/** Status under which the supervisor sees that data could not be made durable. */
export const FATAL_STATUS = 70

const isFatal = (error: unknown) => error instanceof FatalDurabilityError || error instanceof LedgerFatalError

/**
 * Ends the process when an error says that data did not reach the disk: after a failed fsync nothing may be retried
 * and nothing acknowledged. The supervisor starts it again, from what is on the disk. Any other error is left alone.
 */
export function endIfFatal(error: unknown): void {
  if (!isFatal(error)) return
  process.stderr.write(`fatal: ${(error as Error).message}\n`)
  process.exit(FATAL_STATUS)
}
