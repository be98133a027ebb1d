import { stopChannel } from '@huitong/contract/exchange'
import { sql } from 'kysely'
import { refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { cancelWork } from '../nodes/index.ts'
import { stopIncrements } from './stop-increments.ts'
import { CHANNEL_RULES, channelDetail, findChannel } from './channel-view.ts'

/** Stops a run, or the following of changes. What the consumer's readers see stays; the next start begins a new generation. */
export const stopChannelVerb = command<typeof stopChannel>({
  endpoint: stopChannel,
  audit: ({ params, body }) => ({ objectKind: 'channel', objectId: params.id, detail: { reason: body.reason } }),
  async run({ db, actor, now, wake }, { params, match }) {
    const channel = await findChannel(db, actor, params.id)
    const reason = CHANNEL_RULES.stop(channel, actor)
    if (reason) refuse('object.state', { places: [{ path: '', problem: reason }] })
    const moved = await db.run(sql`update channel set state = 'stopped', next_at = null,
      finished_at = case state when 'following' then finished_at else ${now} end, version = version + 1
      where id = ${params.id} and version = ${match}`)
    if (moved === 0) refuse('object.changed')
    const works = await db.many<{
      read_work_id: string
      apply_work_id: string
    }>(sql`select read_work_id, apply_work_id from stream
      where id = ${params.id} and not abandoned`)
    await cancelWork(
      { db, now, wake },
      works.flatMap((one) => [one.read_work_id, one.apply_work_id]),
    )
    // The copy that is there stays in force; only its following ends.
    if (channel.state === 'running') await db.run(sql`update stream set abandoned = true where id = ${params.id}`)
    await stopIncrements({ db, now, wake }, [params.id], { zh: '交换任务已停止', en: 'The channel was stopped' })
    return channelDetail(db, actor, params.id)
  },
})
