import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, expect, test } from 'vitest'
import { testClusterUrl, testUrl } from '../../../../tests/harness/database.ts'
import { ensureOwner } from './postgres-owner.ts'

const id = randomBytes(4).toString('hex')
const owner = { role: `owner_${id}`, password: `p'"%/${id}`, database: `owned_${id}`, others: [`beside_${id}`] }
const app = `app_${id}`

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

afterAll(async () => {
  await query(testClusterUrl(), `DROP DATABASE IF EXISTS ${owner.database} WITH (FORCE)`)
  await query(testClusterUrl(), `DROP DATABASE IF EXISTS ${owner.others[0]!} WITH (FORCE)`)
  await query(testClusterUrl(), `DROP ROLE IF EXISTS ${app}`)
  await query(testClusterUrl(), `DROP ROLE IF EXISTS ${owner.role}`)
})

test('the owner migrates: schema, extensions that are trusted, roles of the application; but is no superuser', async () => {
  const url = await ensureOwner(testClusterUrl(), owner)
  expect(await ensureOwner(testClusterUrl(), owner)).toBe(url)
  const beside = new URL(url)
  beside.pathname = `/${owner.others[0]!}`
  await query(beside.href, 'CREATE TABLE thing (n int)')
  await query(url, 'CREATE EXTENSION pg_trgm; CREATE TABLE thing (n int); INSERT INTO thing VALUES (7)')
  await query(url, `CREATE ROLE ${app} LOGIN NOSUPERUSER NOBYPASSRLS`)
  await query(
    url,
    `ALTER ROLE ${app} PASSWORD 'x'; GRANT SELECT ON thing TO ${app}; GRANT USAGE ON SCHEMA public TO ${app}`,
  )
  await query(url, `SET ROLE ${app}`)
  const appUrl = testUrl(owner.database, { name: app, password: 'x' })
  expect(await query(appUrl, 'SELECT n FROM thing')).toEqual([{ n: 7 }])
  await expect(query(appUrl, 'DELETE FROM thing')).rejects.toThrow(/permission denied/)
  await expect(query(url, "COPY thing TO PROGRAM 'true'")).rejects.toThrow(/permission denied/)
  await expect(query(url, 'CREATE DATABASE other')).rejects.toThrow(/permission denied/)
})

test('a changed password takes effect at the next start', async () => {
  const url = await ensureOwner(testClusterUrl(), { ...owner, password: 'other' })
  expect(new URL(url).password).toBe('other')
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})
