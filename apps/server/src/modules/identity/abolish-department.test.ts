import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDataset, readDataset } from '@huitong/contract/catalogue'
import { abolishDepartment, createDepartment, listPeople, readDepartment } from '@huitong/contract/identity'
import { createNode, listNodes } from '@huitong/contract/nodes'
import { createApplication } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { clientOf, DIVISION, usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { HELD, PAST } from './abolish-department.ts'
import { enter, hire, NO_ID } from './testing/people.ts'

describe('abolish department', () => {
  const platform = usePlatform()
  let serial = 0

  async function found(parentId?: string) {
    const system = await platform.as('sysadmin')
    const body = {
      name: { zh: `临时部门${++serial}` },
      creditCode: `11330100MB00001${String(serial).padStart(2, '0')}1`,
      division: DIVISION,
      kind: 'department' as const,
      validFrom: '2024-01-01',
      ...(parentId ? { parentId } : {}),
    }
    return system.call(createDepartment, { body })
  }

  test('200: people, drafts and nodes pass to the successor', async () => {
    const [old, next] = [await found(), await found()]
    const person = await hire(platform, 'old-officer', old.id, ['data_officer'])
    const officer = await enter(platform, 'old-officer')
    const draft = await officer.call(createDataset, { body: { name: { zh: '随机构划转的目录' } } })
    const centre = await platform.as('centre')
    const { node } = await centre.call(createNode, { body: { departmentId: old.id, name: { zh: '前置节点' } } })

    const system = await platform.as('sysadmin')
    const body = { successorId: next.id, validTo: '2026-06-30' }
    const gone = await system.call(abolishDepartment, { params: { id: old.id }, body }, { match: old.version })
    expect(gone).toMatchObject({ validTo: '2026-06-30', successorId: next.id, version: old.version + 1 })

    const { items: people } = await system.call(listPeople, { query: { departmentId: next.id } })
    expect(people.map((one) => one.id)).toContain(person.id)
    expect(await officer.call(readDataset, { params: { id: draft.id }, query: {} })).toMatchObject({
      departmentId: next.id,
      content: draft.content,
    })
    const { items: nodes } = await centre.call(listNodes, { query: {} })
    expect(nodes.find((one) => one.id === node.id)?.departmentId).toBe(next.id)
  })

  test('every column that names a department either passes to the successor or stays as the past', () => {
    const schema = readFileSync(join(import.meta.dirname, '../../../schema.sql'), 'utf8')
    const columns = [...schema.matchAll(/^create table (\w+) \(\n([\s\S]*?)^\);/gm)].flatMap(([, table, body]) =>
      [...body!.matchAll(/^ {2}(\w*department_id) uuid/gm)].map(([, column]) => `${table}.${column}`),
    )
    // `department.parent_id` names one too, under another name.
    const named = [...HELD, ...PAST].map(([table, column]) => `${table}.${column}`)
    expect(columns.length).toBeGreaterThan(25)
    expect(named.filter((one) => one !== 'department.parent_id').sort()).toEqual(columns.sort())
  })

  test('200: applications pass over too; what was done stays with who did it', async () => {
    const [old, next] = [await found(), await found()]
    await hire(platform, 'app-owner', old.id, ['developer', 'data_officer'])
    const owner = await enter(platform, 'app-owner')
    await owner.call(createApplication, { body: { name: '随机构划转的应用' } })
    const system = await platform.as('sysadmin')
    const body = { successorId: next.id, validTo: '2026-06-30' }
    await system.call(abolishDepartment, { params: { id: old.id }, body }, { match: old.version })
    const rows = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ department_id: string }>(
        sql`select department_id from application where department_id in (${old.id}, ${next.id})`,
      ),
    )
    expect(rows).toEqual([{ department_id: next.id }])
    const acts = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ department_id: string }>(
        sql`select distinct department_id from audit where action = ${createApplication.id}`,
      ),
    )
    expect(acts).toEqual([{ department_id: old.id }])
  })

  test('a successor that stood below the abolished department moves up and never stands below itself', async () => {
    const top = await found()
    const middle = await found(top.id)
    const [heir, sibling] = [await found(middle.id), await found(middle.id)]
    const system = await platform.as('sysadmin')
    const body = { successorId: heir.id, validTo: '2026-06-30' }
    await system.call(abolishDepartment, { params: { id: middle.id }, body }, { match: middle.version })
    const parentOf = async (id: string) => (await system.call(readDepartment, { params: { id } })).parentId
    expect(await parentOf(heir.id)).toBe(top.id)
    expect(await parentOf(sibling.id)).toBe(heir.id)
  })

  test('a successor further below leaves no circle behind', async () => {
    const gone = await found()
    const child = await found(gone.id)
    const heir = await found(child.id)
    const system = await platform.as('sysadmin')
    const body = { successorId: heir.id, validTo: '2026-06-30' }
    await system.call(abolishDepartment, { params: { id: gone.id }, body }, { match: gone.version })
    const parentOf = async (id: string) => (await system.call(readDepartment, { params: { id } })).parentId
    expect(await parentOf(heir.id)).toBe(null)
    expect(await parentOf(child.id)).toBe(heir.id)
  })

  test('400: a day that does not exist, an end before the beginning, succession by itself', async () => {
    const system = await platform.as('sysadmin')
    const [one, other] = [await found(), await found()]
    const call = (body: { successorId: string; validTo: string }) =>
      system.call(abolishDepartment, { params: { id: one.id }, body }, { match: one.version })
    await expect(call({ successorId: other.id, validTo: '2026-02-29' })).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '/validTo' }],
    })
    await expect(call({ successorId: other.id, validTo: '2023-12-31' })).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '/validTo' }],
    })
    await expect(call({ successorId: one.id, validTo: '2026-06-30' })).rejects.toMatchObject({
      code: 'request.invalid',
      places: [{ path: '/successorId' }],
    })
  })

  test('401 without a session, 403 for others, 404 for a department or successor that does not exist', async () => {
    const { civil, works } = platform.departments
    const call = (client: ReturnType<typeof clientOf>, id: string, successorId: string) =>
      client.call(abolishDepartment, { params: { id }, body: { successorId, validTo: '2026-06-30' } }, { match: 1 })
    await expect(call(clientOf(platform.server), civil, works)).rejects.toMatchObject({ status: 401 })
    await expect(call(await platform.as('authority'), civil, works)).rejects.toMatchObject({ status: 403 })
    await expect(call(await platform.as('sysadmin'), NO_ID, works)).rejects.toMatchObject({ status: 404 })
    await expect(call(await platform.as('sysadmin'), civil, NO_ID)).rejects.toMatchObject({ status: 404 })
  })

  test('409: twice, into an abolished successor, and the last authority into an ordinary department', async () => {
    const system = await platform.as('sysadmin')
    const [gone, heir] = [await found(), await found()]
    const call = (id: string, successorId: string, match: number) =>
      system.call(abolishDepartment, { params: { id }, body: { successorId, validTo: '2099-12-31' } }, { match })
    await call(gone.id, heir.id, gone.version)
    await expect(call(gone.id, heir.id, 2)).rejects.toMatchObject({ code: 'department.abolished', status: 409 })
    await expect(call(heir.id, gone.id, 1)).rejects.toMatchObject({ code: 'department.abolished', status: 409 })
    await expect(call(platform.departments.bureau, heir.id, 1)).rejects.toMatchObject({
      code: 'object.state',
      places: [{ path: '/successorId' }],
    })
  })

  test('412 and 428: only the version that was read is abolished', async () => {
    const system = await platform.as('sysadmin')
    const [one, heir] = [await found(), await found()]
    const input = { params: { id: one.id }, body: { successorId: heir.id, validTo: '2026-06-30' } }
    await expect(system.call(abolishDepartment, input, { match: 7 })).rejects.toMatchObject({ status: 412 })
    await expect(system.call(abolishDepartment, input)).rejects.toMatchObject({ status: 428 })
    expect((await system.call(readDepartment, { params: { id: one.id } })).validTo).toBeNull()
  })
})
