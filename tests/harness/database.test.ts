import { Client } from 'pg'
import { expect, test } from 'vitest'
import { createDatabase, templateDatabase, testClusterUrl, testUrl } from './database.ts'

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

test('the cluster of the run answers', async () => {
  expect(await query(testClusterUrl(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a template is built once however many ask at the same time, and copies are independent', async () => {
  let builds = 0
  const ask = (): Promise<string> =>
    templateDatabase('harness_self_test', async (url) => {
      builds++
      await query(url, 'CREATE TABLE thing (n int)')
    })
  const names = await Promise.all([ask(), ask(), ask()])
  expect(new Set(names).size).toBe(1)
  expect(builds).toBe(1)
  const [first, second] = await Promise.all([
    createDatabase({ template: names[0]! }),
    createDatabase({ template: names[0]! }),
  ])
  await query(first.url, 'INSERT INTO thing VALUES (1)')
  expect(await query(second.url, 'SELECT * FROM thing')).toEqual([])
  await Promise.all([first.drop(), second.drop()])
  await expect(query(first.url, 'SELECT 1')).rejects.toThrow(/does not exist/)
})

test('a failed build leaves no template behind', async () => {
  const fail = templateDatabase('harness_failing', async () => {
    throw new Error('no')
  })
  await expect(fail).rejects.toThrow('no')
  const name = await templateDatabase('harness_failing', async (url) => void (await query(url, 'CREATE TABLE ok ()')))
  expect(await query(testUrl(name), 'SELECT * FROM ok')).toEqual([])
})

test('drop ends open connections', async () => {
  const database = await createDatabase()
  const client = new Client({ connectionString: database.url })
  client.on('error', () => undefined)
  await client.connect()
  await database.drop()
  await expect(client.query('SELECT 1')).rejects.toThrow()
})
