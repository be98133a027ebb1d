import { answerNodeCall } from '@huitong/contract/gateway'
import { sql } from 'kysely'
import type { Writer } from '../../kernel/db.ts'
import { tick } from '../../kernel/verb.ts'
import { notify } from '../../kernel/wake.ts'
import { replyTopic, sealCall } from './relay.ts'

/** A node gives the reply of its department's service back to whoever waits for it. */
export const answerNodeCallVerb = tick<typeof answerNodeCall>({
  endpoint: answerNodeCall,
  async run({ db, actor, services }, { params, body }) {
    const changed = await (db as Writer).run(sql`update node_call set reply = ${sealCall(services, params.id, body)}
      where id = ${params.id} and node_id = ${actor.id} and taken_at is not null and reply is null`)
    if (changed > 0) await notify(db as Writer, replyTopic(params.id))
    return { awaited: changed > 0 }
  },
})
