import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createDatabase,
  dropDatabase,
  testClusterUrl,
  testUrl,
  type TestDatabase,
} from '../../../../tests/harness/database.ts'
import { centreDatabaseOf, centreUrls, ensureCentreDatabase, openCentreDb } from './centre-database.ts'

const passwords = { loader: 'loader-of-tests', reader: 'reader-of-tests' }
const id = randomBytes(4).toString('hex')
const owner = { name: `centre_owner_${id}`, password: 'x' }
let platform: TestDatabase

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

beforeAll(async () => {
  platform = await createDatabase()
  await run(testClusterUrl(), `create role ${owner.name} login createrole password 'x'`)
  await run(testClusterUrl(), `alter role ${owner.name} set createrole_self_grant = 'set, inherit'`)
})
afterAll(async () => {
  await dropDatabase(centreDatabaseOf(platform.name))
  await platform.drop()
  await run(testClusterUrl(), `drop owned by ${owner.name}`)
  await run(testClusterUrl(), `drop role ${owner.name}`)
})

test('an owner that may not create databases is told so, and the platform starts without a centre', async () => {
  expect(await ensureCentreDatabase(testUrl(platform.name, owner), passwords)).toBe(false)
})

test('the loader makes tables, the reader sees them and can change nothing, and neither reaches the platform’s own', async () => {
  expect(await ensureCentreDatabase(platform.url, passwords)).toBe(true)
  expect(await ensureCentreDatabase(platform.url, passwords)).toBe(true)
  const urls = centreUrls(platform.url, passwords)
  await run(
    urls.loader,
    `create table person (id bigint, name text); insert into person values (9007199254740993, '王')`,
  )
  const centre = openCentreDb(urls.reader)
  try {
    expect(await centre.rows('select id, name from person where name = $1', ['王'])).toEqual([
      ['9007199254740993', '王'],
    ])
    await expect(centre.rows(`insert into person values (1, '李')`)).rejects.toThrow(/read-only|permission denied/)
    // A connection that was not told to be read only has no right to write either.
    await expect(run(urls.reader, `insert into person values (1, '李')`)).rejects.toThrow(/permission denied/)
    await expect(run(urls.reader, 'create table mine (n int)')).rejects.toThrow(/permission denied/)
  } finally {
    await centre.end()
  }
})

test('an account of another database does not get in: nobody connects without being named', async () => {
  await expect(run(testUrl(centreDatabaseOf(platform.name), owner), 'select 1')).rejects.toThrow(/permission denied/)
})
