import { Pool } from 'pg'

/** Tells the home page how far the city is: the setting `demo_progress`, for which there is no endpoint. */
export interface Progress {
  say(percent: number, zh: string, en: string): Promise<void>
  end(): Promise<void>
}

/** Opens the platform's database as its owner. A message that cannot be written is left out: the next one will do. */
export function openProgress(databaseUrl: string): Progress {
  // The rows of the platform are closed even to their owner, unless it says that it acts for the platform itself.
  const options = '-c huitong.scope=system'
  const pool = new Pool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: 5_000, options })
  pool.on('error', () => undefined)
  return {
    async say(percent, zh, en) {
      console.log(`${percent}% ${zh} · ${en}`)
      const value = JSON.stringify({ percent, words: { zh, en } })
      await pool
        .query(
          `insert into setting (name, value) values ('demo_progress', $1)
           on conflict (name) do update set value = excluded.value, version = setting.version + 1`,
          [value],
        )
        .catch((error: unknown) => console.log(`progress not written: ${String(error)}`))
    },
    end: () => pool.end(),
  }
}
