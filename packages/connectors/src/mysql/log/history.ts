import { quoteText } from '@huitong/policy'
import type { Cursor } from '../../connector.ts'
import { ConnectorError } from '../../errors.ts'
import type { LogSlot } from '../../log/types.ts'
import type { Session } from '../connect.ts'
import type { Flavour } from './stream.ts'

/**
 * Whether a server has the history that was followed: any server that has its transactions goes on from there. What
 * MariaDB's log does not hold the server says itself when it is asked for it.
 * @throws ConnectorError `log_gap` saying why not.
 */
export async function requirePlace(session: Session, flavour: Flavour, slot: LogSlot, from: Cursor): Promise<void> {
  if (slot.systemId !== flavour) throw new ConnectorError('log_gap', `${flavour} instead of ${slot.systemId}`)
  if (flavour !== 'mysql') return
  // MySQL does not mind transactions of other servers that it has never seen.
  const [row] = await session.rows(
    `SELECT gtid_subset(${quoteText(from.place ?? '')}, @@global.gtid_executed) AS known,
       gtid_subset(@@global.gtid_purged, ${quoteText(from.place ?? '')}) AS whole`,
  )
  if (row!['known'] !== '1') throw new ConnectorError('log_gap', 'transactions that were received are not there')
  if (row!['whole'] !== '1') throw new ConnectorError('log_gap', 'the log was purged beyond the position')
}
