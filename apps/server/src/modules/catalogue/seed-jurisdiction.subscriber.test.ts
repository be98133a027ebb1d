import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import { deliverAll } from '../../../../../tests/harness/deliver.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { INITIAL_TEMPLATES } from './request-steps.ts'
import { seedCatalogue } from './seed-jurisdiction.subscriber.ts'

describe('chains of signatures of a new jurisdiction', () => {
  const platform = usePlatform({ jobs: false })
  const templates = async () => {
    const rows = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many<{ attribute: string; steps: string[] }>(
        sql`select attribute, steps from request_template where jurisdiction = '440300'`,
      ),
    )
    return Object.fromEntries(rows.map((one) => [one.attribute, one.steps]))
  }
  const setUp = async () => {
    const { services } = platform.server
    await services.db.write(SYSTEM_ROWS, (db) =>
      db.run(
        sql`insert into event (at, type, payload) values (now(), 'platform.set_up', '{"jurisdiction": "440300"}')`,
      ),
    )
    await deliverAll(platform, seedCatalogue)
  }

  test('set-up gives it the initial chains, and says so in the audit', async () => {
    await setUp()
    expect(await templates()).toEqual(INITIAL_TEMPLATES)
    const audits = await platform.server.services.db.read(SYSTEM_ROWS, (db) =>
      db.many(sql`select from audit where action = 'event.catalogue_of_jurisdiction' and object_id = '440300'`),
    )
    expect(audits).toHaveLength(1)
  })

  test('a fact that is delivered again leaves what the authority changed', async () => {
    const shorter = INITIAL_TEMPLATES.conditional.filter((step) => step !== 'authority_accept')
    await platform.server.services.db.write(SYSTEM_ROWS, (db) =>
      db.run(
        sql`update request_template set steps = ${shorter}::text[] where jurisdiction = '440300' and attribute = 'conditional'`,
      ),
    )
    await setUp()
    expect(await templates()).toEqual({ ...INITIAL_TEMPLATES, conditional: shorter })
  })
})
