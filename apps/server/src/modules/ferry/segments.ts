import { buffer } from 'node:stream/consumers'
import { fetchSegment, pullSegments } from '@huitong/contract/exchange'
import type { Outgoing } from '@huitong/ferry'
import { sql } from 'kysely'
import { Refusal } from '../../kernel/errors.ts'
import type { Services } from '../../kernel/services.ts'
import type { Bytes } from '../../kernel/verb.ts'
import type { FerriedNode } from './crossing.ts'
import { markSent } from './orders.ts'
import { asNode } from './take-in.ts'

interface Applying {
  stream: string
  mark: string | null
}

const aboutStream = (stream: string) => `stream/${stream}`

/**
 * Lays out the verified segments of every stream that a node was ordered to apply, in order, each once: those that it may
 * pull over the line, by the same questions, so that a grant that ends ends this too. True when there are more.
 */
export async function sendSegments(services: Services, node: FerriedNode, outgoing: Outgoing): Promise<boolean> {
  const streams = await services.db.tick((db) =>
    db.many<Applying>(sql`select distinct w.input->>'stream' as stream, m.mark from node_work w
        join ferry_sent s on s.node_id = w.node_id and s.about = 'order/' || w.id
        left join ferry_sent m on m.node_id = w.node_id and m.about = 'stream/' || (w.input->>'stream')
      where w.node_id = ${node.id} and w.state = 'leased' and w.boot = ${node.id} and w.input ? 'sealers' order by 1`),
  )
  let more = false
  for (const one of streams) more = (await sendStream(services, node, outgoing, one)) || more
  return more
}

async function sendStream(
  services: Services,
  node: FerriedNode,
  outgoing: Outgoing,
  { stream, mark }: Applying,
): Promise<boolean> {
  const [asked = 0, after = 0] = (mark ?? '').split('/').map(Number)
  const pull = (generation: number, from: number) =>
    asNode(services, node, pullSegments, {
      params: { id: stream },
      query: { generation: String(generation), after: String(from), waitSeconds: '0' },
    })
  try {
    let found = await pull(asked, after)
    // Another generation is in force: it begins anew.
    if (found.generation !== asked) found = await pull(found.generation, 0)
    for (const { sequence, digest, manifest } of found.segments) {
      if (!outgoing.hasRoom) return false
      const reply = await asNode(services, node, fetchSegment, { params: { digest }, query: {} })
      const { body } = reply as Bytes
      const sealed = Buffer.isBuffer(body) ? body : await buffer(body)
      const head = { stream, generation: found.generation, sequence, digest, manifest }
      await outgoing.send('segment', { head, bytes: sealed })
      await markSent(services, node.id, aboutStream(stream), `${found.generation}/${sequence}`)
    }
    return found.segments.length > 0
  } catch (error) {
    // The run was stopped or its grant has ended; its order is taken back by whoever did that.
    if (error instanceof Refusal) return false
    throw error
  }
}
