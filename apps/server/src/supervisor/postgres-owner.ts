import { Client, escapeIdentifier, escapeLiteral } from 'pg'

/**
 * Makes sure that a cluster has a database (and the others) and the role that owns them, with this password, and
 * returns that role's connection string. The owner may create further roles (the application's) and switch to them, and nothing else.
 */
export async function ensureOwner(
  superuserUrl: string,
  owner: { role: string; password: string; database: string; others?: readonly string[] },
): Promise<string> {
  const client = new Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const role = escapeIdentifier(owner.role)
    const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [owner.role])
    await client.query(
      `${known.rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN CREATEROLE PASSWORD ${escapeLiteral(owner.password)}`,
    )
    await client.query(`ALTER ROLE ${role} SET createrole_self_grant = 'set, inherit'`)
    for (const name of [owner.database, ...(owner.others ?? [])]) {
      const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
      if (database.rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)} OWNER ${role}`)
    }
  } finally {
    await client.end()
  }
  const url = new URL(superuserUrl)
  url.username = encodeURIComponent(owner.role)
  url.password = encodeURIComponent(owner.password)
  url.pathname = `/${owner.database}`
  return url.href
}
