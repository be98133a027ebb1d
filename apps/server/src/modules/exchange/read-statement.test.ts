import { issueStatement, readStatement } from '@huitong/contract/exchange'
import { addDays, shanghaiDate } from '@huitong/codes'
import { beforeAll, describe, expect, test } from 'vitest'
import { runWhole, useChannel } from '../../../../../tests/harness/exchange.ts'
import { guards, NOBODY, refused, type Reply } from '../../../../../tests/harness/guards.ts'

describe('read a statement', () => {
  const prepared = useChannel()
  const { platform } = prepared
  let issued: Reply<typeof issueStatement>
  beforeAll(async () => {
    await runWhole(prepared, prepared.channel, [['1', 'a', '33']])
    const today = shanghaiDate(new Date())
    const body = { from: addDays(today, -1), to: today }
    const officer = await platform.as('works-officer')
    issued = await officer.call(issueStatement, { params: { id: prepared.channel.id }, body })
  })
  guards(platform, readStatement, {
    input: () => ({ params: { id: issued.id } }),
    denied: ['sysadmin', 'works-developer'],
  })

  test('200: as it was issued, also after more has moved, for both parties and the centre', async () => {
    await runWhole(prepared, prepared.channel, [
      ['1', 'a', '33'],
      ['2', 'b', '33'],
    ])
    for (const account of ['civil-officer', 'works-officer', 'centre'] as const) {
      const read = await (await platform.as(account)).call(readStatement, { params: { id: issued.id } })
      expect(read).toEqual(issued)
    }
  })

  test('404: for who is no party of the channel, and for a statement that does not exist', async () => {
    const police = await platform.as('police-officer')
    await refused(police.call(readStatement, { params: { id: issued.id } }), 'object.not_found')
    await refused(police.call(readStatement, { params: { id: NOBODY } }), 'object.not_found')
  })
})
