import { randomUUID } from 'node:crypto'
import { ConnectorError } from '../../errors.ts'
import type { Session } from '../connect.ts'

/** A session that one reading has for itself until it is given back. */
export interface Lease {
  readonly session: Session
  /** Everything was read. */
  done(): Promise<void>
  /** Gives it back; a reading that ends in the middle takes the session with it. */
  close(): void
}

/** A session of one reading alone. */
export const ownLease = (session: Session): Lease => ({
  session,
  async done() {
    await session.run('COMMIT')
  },
  close: () => session.close(),
})

/**
 * Sessions in the middle of a reading transaction. MySQL cannot hand a snapshot on to another connection: whoever wants to
 * read it reads here, one after another.
 */
class Held {
  readonly session: Session
  #users = 0
  #isOver = false

  constructor(session: Session) {
    this.session = session
  }

  lease(): Lease {
    this.#users++
    let isWhole = false
    let isOpen = true
    return {
      session: this.session,
      done: async () => {
        isWhole = true
      },
      close: () => {
        if (!isOpen) return
        isOpen = false
        this.#users--
        if (!isWhole) this.session.close()
        this.#end()
      },
    }
  }

  over(): void {
    this.#isOver = true
    this.#end()
  }

  #end(): void {
    if (this.#isOver && this.#users === 0) this.session.close()
  }
}

const held = new Map<string, Held>()

/** Holds a session under a name, which `readRows` and the digests take as a snapshot's, until it is closed. */
export function holdSnapshot(session: Session): { readonly snapshot: string; close(): void } {
  const snapshot = `mysql-${randomUUID()}`
  const one = new Held(session)
  held.set(snapshot, one)
  const close = () => {
    held.delete(snapshot)
    one.over()
  }
  return { snapshot, close }
}

/** @throws ConnectorError `connection_lost` when it is no longer held. */
export function leaseSnapshot(snapshot: string): Lease {
  const one = held.get(snapshot)
  if (one === undefined || one.session.lost !== null)
    throw new ConnectorError('connection_lost', 'the snapshot is gone')
  return one.lease()
}
