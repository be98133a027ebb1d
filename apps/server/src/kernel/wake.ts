import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import type { Writer } from './db.ts'
import type { EventType } from './events.ts'
import type { Log } from './log.ts'

const CHANNEL = 'huitong_wake'
/** No topic of ours: told to all waiters when the process ends. */
const END = Symbol('end')
const RECONNECT_MS = 500

/** Wakes waiters across processes by LISTEN/NOTIFY. A lost wake-up only costs time: waiters also look again by themselves. */
export interface Wake {
  /** Waits until one of the topics is woken or the time is over, whichever comes first. */
  wait(topics: string | readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<void>
  end(): Promise<void>
}

/** The topic of facts of one type: a fact wakes only those who read its type. */
export const eventTopic = (type: EventType): string => `event:${type}`

/** Sends the wake-up when the transaction commits. */
export async function notify(db: Writer, topic: string): Promise<void> {
  await db.many(sql`select pg_notify(${CHANNEL}, ${topic})`)
}

/** Keeps one listening connection, reconnecting for as long as the process lives. */
export function openWake(url: string, log: Log): Wake {
  const emitter = new EventEmitter().setMaxListeners(0)
  const ending = new AbortController()
  const loop = listen(url, emitter, log, ending.signal)
  return {
    wait: (topics, timeoutMs, signal) =>
      new Promise((resolve) => {
        const names = typeof topics === 'string' ? [topics] : topics
        if (signal?.aborted || ending.signal.aborted) return resolve()
        // By hand rather than by composed signals: this runs many times a second for as long as the process lives.
        const finish = () => {
          clearTimeout(timer)
          for (const name of names) emitter.off(name, finish)
          emitter.off(END, finish)
          signal?.removeEventListener('abort', finish)
          resolve()
        }
        const timer = setTimeout(finish, Math.ceil(timeoutMs))
        for (const name of names) emitter.once(name, finish)
        emitter.once(END, finish)
        signal?.addEventListener('abort', finish, { once: true })
      }),
    async end() {
      ending.abort()
      emitter.emit(END)
      await loop
    },
  }
}

async function listen(url: string, emitter: EventEmitter, log: Log, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const client = new pg.Client({ connectionString: url })
    const broken = new Promise<void>((resolve) => {
      client.on('error', () => resolve())
      client.on('end', () => resolve())
      stop.addEventListener('abort', () => resolve(), { once: true })
    })
    client.on('notification', (message) => emitter.emit(message.payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      await broken
    } catch (error) {
      log.debug({ err: error }, 'wake connection failed')
    }
    await client.end().catch(() => undefined)
    if (!stop.aborted) await delay(RECONNECT_MS, undefined, { signal: stop }).catch(() => undefined)
  }
}
