import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

const WAIT_MS_MAX = 20_000

/**
 * The horizon below which facts count as committed belongs to the whole cluster, so a transaction of another test's
 * database holds it back too. Waits until none of those that are open in other databases now is open any more.
 */
export async function othersCommitted(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const open = async (): Promise<string[]> => {
      const { rows } = await client.query<{ xid: string }>(
        'select backend_xid::text as xid from pg_stat_activity where backend_xid is not null and datname <> current_database()',
      )
      return rows.map((row) => row.xid)
    }
    let before = await open()
    for (const until = Date.now() + WAIT_MS_MAX; before.length > 0 && Date.now() < until;) {
      await sleep(20)
      const now = await open()
      before = before.filter((xid) => now.includes(xid))
    }
  } finally {
    await client.end()
  }
}
