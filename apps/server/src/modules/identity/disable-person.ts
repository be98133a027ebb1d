import { disablePerson } from '@huitong/contract/identity'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { readPersonView } from './views.ts'

/** Suspends or restores an account; a suspended person's sessions end at once. Nobody locks himself out. */
export const disablePersonVerb = command<typeof disablePerson>({
  endpoint: disablePerson,
  rows: 'accounts',
  audit: ({ params, body }) => ({ objectKind: 'person', objectId: params.id, detail: { disabled: body.disabled } }),
  async run({ db, actor }, { params, body, match }) {
    if (body.disabled && params.id === actor.id) refuse('request.same_person', { detail: 'own account' })
    await readPersonView(db, params.id)
    const changed = await db.run(sql`update person set disabled = ${body.disabled}, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    if (body.disabled) await db.run(sql`delete from session where person_id = ${params.id}`)
    return readPersonView(db, params.id)
  },
})
