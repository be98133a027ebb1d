import { readReceivingTable } from '@huitong/contract/exchange'
import { describe, expect, test } from 'vitest'
import { useChannel } from '../../../../../tests/harness/exchange.ts'
import { NOBODY, refused } from '../../../../../tests/harness/guards.ts'

// That the scripts run, and that a node takes what they make: packages/connectors/src/receiving-table-sql.test.ts.
describe('script of a receiving table', () => {
  const prepared = useChannel()

  test('200 to both parties and the centre in any kind of database; 404 and 400 otherwise', async () => {
    const { platform, channel } = prepared
    const read = async (account: 'works-officer' | 'centre', kind: string, id = channel.id) =>
      (await platform.as(account)).call(readReceivingTable, { params: { id }, query: { kind: kind as 'mysql' } })
    for (const account of ['works-officer', 'centre'] as const) {
      const { script, table } = await read(account, 'postgresql')
      expect(table).toBe(channel.target.table)
      expect(script).toContain(`CREATE TABLE "${channel.target.schema}"."${table}" ("code" `)
      expect(script).toContain(`COMMENT ON COLUMN "${channel.target.schema}"."${table}"."name" IS '名称'`)
    }
    expect((await read('works-officer', 'kingbase')).script).toContain('未经验证（not verified）')
    // Its key is a text without a length.
    await refused(read('works-officer', 'oracle'), 'object.state')
    await refused(read('works-officer', 'postgresql', NOBODY), 'object.not_found')
    await refused(read('works-officer', 'db2'), 'request.invalid')
  })
})
