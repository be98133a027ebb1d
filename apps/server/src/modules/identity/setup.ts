import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { checkCreditCode, shanghaiDate } from '@huitong/codes'
import { setup } from '@huitong/contract/identity'
import { sql } from 'kysely'
import type { Reader, Writer } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { hashPassword, requireStrong } from './password.ts'

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** True when the platform has its jurisdiction and administrators. */
export async function isSetUp(db: Reader): Promise<boolean> {
  return (await db.maybe(sql`select 1 from setting where name = 'jurisdiction'`)) !== null
}

/** Makes a new one-time set-up token; only its hash is kept. Answers null when the platform is set up. */
export async function renewSetupToken(db: Writer): Promise<string | null> {
  if (await isSetUp(db)) return null
  const token = randomBytes(24).toString('base64url')
  await db.run(sql`insert into setting (name, value) values ('setup_token', ${JSON.stringify({ hash: hashOf(token) })})
    on conflict (name) do update set value = excluded.value`)
  return token
}

/** First run: with the one-time token, names the jurisdiction, its authority and the three administrators. */
export const setupVerb = command<typeof setup>({
  endpoint: setup,
  rows: 'system',
  audit: (_input, reply) => ({ objectKind: 'platform', objectId: reply.departmentId }),
  async run({ db, now, emit }, { body }) {
    await db.many(sql`select pg_advisory_xact_lock(hashtextextended('setup', 0))`)
    if (await isSetUp(db)) refuse('setup.closed')
    await requireToken(db, body.token)
    if (checkCreditCode(body.department.creditCode).status === 'invalid')
      refuse('request.invalid', {
        places: [place('/department/creditCode', '统一社会信用代码不正确', 'not a valid unified social credit code')],
      })
    const region = await db.maybe(sql`select 1 from region where code = ${body.division} and valid_to is null`)
    if (!region) refuse('request.invalid', { places: [place('/division', '行政区划代码不存在', 'no such division')] })
    const departmentId = randomUUID()
    await db.run(sql`insert into department (id, jurisdiction, division, name, credit_code, kind, valid_from)
      values (${departmentId}, ${body.division}, ${body.division}, ${JSON.stringify(body.department.name)},
        ${body.department.creditCode}, 'bureau', ${shanghaiDate(now)})`)
    for (const kind of ['system', 'security', 'audit'] as const) {
      const who = body.administrators[kind]
      requireStrong(who.password, who.account, { administrator: true, path: `/administrators/${kind}/password` })
      const id = randomUUID()
      const made = await db.run(sql`insert into person (id, jurisdiction, department_id, account, name)
        values (${id}, ${body.division}, ${departmentId}, ${who.account}, ${who.name}) on conflict (account) do nothing`)
      if (made === 0)
        refuse('object.exists', { places: [place(`/administrators/${kind}/account`, '账号重复', 'account is taken')] })
      // Whoever types all three is the system administrator; the other two passwords are known to somebody else.
      await db.run(sql`insert into credential (person_id, password, changed_at, must_change)
        values (${id}, ${await hashPassword(who.password)}, ${now}, ${kind !== 'system'})`)
      await db.run(sql`insert into person_role (person_id, role) values (${id}, ${`${kind}_admin`})`)
    }
    await db.run(sql`insert into setting (name, value) values ('jurisdiction', ${JSON.stringify(body.division)})`)
    await db.run(sql`update setting set value = 'null' where name = 'setup_token'`)
    await emit('platform.set_up', { jurisdiction: body.division })
    return { departmentId }
  },
})

async function requireToken(db: Reader, token: string): Promise<void> {
  const row = await db.maybe<{ value: { hash: string } | null }>(
    sql`select value from setting where name = 'setup_token'`,
  )
  const given = Buffer.from(hashOf(token), 'hex')
  const expected = Buffer.from(row?.value?.hash ?? hashOf(randomUUID()), 'hex')
  if (!timingSafeEqual(given, expected)) refuse('setup.token')
}
