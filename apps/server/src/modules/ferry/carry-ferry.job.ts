import { FerryNote } from '@huitong/contract/ferry'
import { ferryWords, type Gap, gapOf, type Incoming, type Note, type Outgoing, type Refused } from '@huitong/ferry'
import { Check } from 'typebox/value'
import { endIfFatal } from '../../kernel/fatal.ts'
import { job } from '../../kernel/jobs.ts'
import type { Services } from '../../kernel/services.ts'
import { type FerriedNode, ferriedNodes, openCrossing, openOutgoing } from './crossing.ts'
import { sendOrders } from './orders.ts'
import { sendSegments } from './segments.ts'
import { keepState, type KeptState, readState } from './state.ts'
import { type Answer, takeIn } from './take-in.ts'

const AT_ONCE_MAX = 16
const NOTHING = new Uint8Array(0)
/** What is missing is asked for again after so many times the wait: the note itself may be what got lost. */
const ASK_AGAIN_WAITS = 10
const DAY_MS = 86_400_000
const VERSION = '1'

/** Looks at the folders of every node without a line: takes in what has come, lays out what is to go. */
export const carryFerryJob = job({
  name: 'carry-ferry',
  everyMs: 1_000,
  async run(services, { signal }) {
    let more = false
    for (const node of await ferriedNodes(services)) {
      signal.throwIfAborted()
      more = (await carryOne(services, node)) || more
    }
    return more
  },
})

/** One node's folder that cannot be read holds up no other node. */
async function carryOne(services: Services, node: FerriedNode): Promise<boolean> {
  const state = await readState(services, node.id)
  try {
    return await carry(services, node, state)
  } catch (error) {
    endIfFatal(error)
    services.log.warn({ err: error, node: node.id }, 'the crossing of a node is held up; it will be tried again')
    const since = state.problem?.code === 'held' ? state.problem.since : services.clock.now().toISOString()
    await keepState(services, node.id, { ...state, problem: { code: 'held', message: HELD, since } }, state)
    return false
  }
}

const HELD = {
  zh: '摆渡目录暂时无法读写，或平台暂时不能接收，稍后自动重试',
  en: 'The folders cannot be read or written just now, or the platform cannot take the files; it is tried again',
}

async function carry(services: Services, node: FerriedNode, kept: KeptState): Promise<boolean> {
  const { incoming, outgoing: known } = await openCrossing(services, node)
  // Before its first message nobody knows the node's key; its notes wait.
  const found = node.signing_key === null ? [] : await incoming.notes()
  const notes = found.flatMap(({ head, at }) => (Check(FerryNote, head) ? [{ ...head, at }] : []))
  const last = notes.at(-1)
  const before = { ...kept, expected: last?.own ?? kept.expected, version: last?.version ?? kept.version }
  if (before.expected !== null) incoming.expect(before.expected.series, before.expected.last)
  const answers = await takeAll(services, node, incoming)
  // The first message of a node brings the key to which all is sealed.
  const outgoing = known ?? (await openOutgoing(services, node))
  let more = answers.length === AT_ONCE_MAX
  if (outgoing !== null) {
    for (const one of notes) await heed(services, node, outgoing, one)
    // Answers are durable before their files are forgotten: a receipt is never lost between the two.
    const told = answers.filter(({ code, receipt }) => code !== null || receipt !== null)
    if (told.length > 0) await outgoing.send('answers', { head: { answers: told }, bytes: NOTHING })
    more = (await sendOrders(services, node.id, outgoing)) || more
    more = (await sendSegments(services, node, outgoing)) || more
  }
  await incoming.commit()
  const gap = gapOf(before.gap, await incoming.missing(), services.clock.now())
  if (outgoing !== null) {
    if (node.link !== 'ferry') await expire(services, node, outgoing)
    await outgoing.carry()
  }
  const repeatedAt = outgoing === null ? null : await repeatFirst(services, outgoing, kept.repeatedAt)
  const state = stateOf(services, incoming, outgoing, { ...before, gap, repeatedAt }, answers)
  const noted = outgoing === null ? state : await note(services, incoming, outgoing, state)
  await keepState(services, node.id, noted, kept)
  return more
}

async function takeAll(services: Services, node: FerriedNode, incoming: Incoming): Promise<Answer[]> {
  const answers: Answer[] = []
  while (answers.length < AT_ONCE_MAX) {
    const arrived = await incoming.next()
    if (arrived === null) break
    const answer = await takeIn(services, node, arrived)
    if (answer.code !== null) services.log.warn({ node: node.id, ...answer }, 'a ferried message was refused')
    answers.push(answer)
  }
  return answers
}

type Said = FerryNote & Pick<Note, 'at'>

async function heed(services: Services, node: FerriedNode, outgoing: Outgoing, said: Said): Promise<void> {
  const { series, number, digest, missing, at } = said
  const renew = async () => {
    services.log.warn(
      { node: node.id, nodeHas: number, last: outgoing.last },
      'the numbering of a crossing begins anew',
    )
    await outgoing.renew()
  }
  // The node has taken what this folder does not remember: it was restored from an older copy.
  if (series !== null && !(await outgoing.acknowledge(series, number, digest))) await renew()
  // Or it lacks what is not kept any more: the node was restored, or the copy went by its age.
  if (!(await outgoing.again({ series, number, missing, at }))) await renew()
}

/** What begins a numbering is put again now and then until the node names that numbering; answers when it last was. */
async function repeatFirst(services: Services, outgoing: Outgoing, before: string | null): Promise<string | null> {
  if (outgoing.put === 0 || outgoing.taken > 0) return null
  const now = services.clock.now()
  if (before !== null) {
    if (now.getTime() - Date.parse(before) < ASK_AGAIN_WAITS * services.settings.ferryAskSeconds * 1000) return before
    await outgoing.repeatFirst()
  }
  return now.toISOString()
}

async function expire(services: Services, node: FerriedNode, outgoing: Outgoing): Promise<void> {
  const days = services.settings.ferryKeepDays
  const files = await outgoing.expire(new Date(services.clock.now().getTime() - days * DAY_MS))
  if (files > 0) services.log.warn({ node: node.id, files, days }, 'copies of laid-out files were dropped by their age')
}

/** Whether something is missing for longer than it may be on its way. */
function isLate(services: Services, gap: Gap | null): gap is Gap {
  const waitedMs = services.clock.now().getTime() - Date.parse(gap?.since ?? '')
  return waitedMs >= services.settings.ferryAskSeconds * 1000
}

/** Tells the node how far its files were taken and what is missing, when that has changed. */
async function note(services: Services, incoming: Incoming, outgoing: Outgoing, state: KeptState): Promise<KeptState> {
  const { series, number, digest } = incoming.taken
  const missing = isLate(services, state.gap) ? await incoming.missing() : []
  const own = { series: outgoing.series, last: outgoing.put }
  const text = JSON.stringify([series, number, missing, own])
  const now = services.clock.now()
  const againMs = ASK_AGAIN_WAITS * services.settings.ferryAskSeconds * 1000
  const isStale = missing.length > 0 && now.getTime() - Date.parse(state.noted?.at ?? '') > againMs
  if (text === state.noted?.text && !isStale) return state
  await outgoing.note({ head: { version: VERSION, own, series, number, digest, missing }, bytes: NOTHING })
  return { ...state, noted: { text, at: now.toISOString() } }
}

const REFUSAL_SHOWN_MS = DAY_MS

function stateOf(
  services: Services,
  incoming: Incoming,
  outgoing: Outgoing | null,
  before: KeptState,
  answers: readonly Answer[],
): KeptState {
  const now = services.clock.now()
  const at = now.toISOString()
  const refused = incoming.takeRefusals().at(-1) ?? before.refused
  const isOfLate = refused !== null && now.getTime() - Date.parse(refused.at) < REFUSAL_SHOWN_MS
  return {
    takenNumber: incoming.taken.number,
    takenAt: answers.length > 0 ? at : before.takenAt,
    sentNumber: outgoing?.put ?? 0,
    sentAt: outgoing !== null && outgoing.put !== before.sentNumber ? at : before.sentAt,
    acknowledgedNumber: outgoing?.taken ?? 0,
    waitingFiles: outgoing === null ? 0 : outgoing.last - outgoing.put,
    problem:
      growingProblem(incoming) ?? missingProblem(services, before.gap) ?? (isOfLate ? refusedProblem(refused) : null),
    refused: isOfLate ? refused : null,
    expected: before.expected,
    gap: before.gap,
    noted: before.noted,
    version: before.version,
    repeatedAt: before.repeatedAt,
  }
}

function growingProblem({ waiting }: Incoming): KeptState['problem'] {
  if (waiting?.reason !== 'growing') return null
  const { number, since } = waiting
  return {
    code: 'growing',
    message: { zh: `第 ${number} 号文件还没有传完`, en: `File ${number} is not whole yet` },
    since,
  }
}

function missingProblem(services: Services, gap: Gap | null): KeptState['problem'] {
  if (!isLate(services, gap)) return null
  const { number, since } = gap
  return {
    code: 'missing',
    message: {
      zh: `第 ${number} 号文件没有到，后面的文件在等它；请再携带一次，或等待对方重发`,
      en: `File ${number} did not arrive and later ones wait for it: carry it once more, or wait until it is sent again`,
    },
    since,
  }
}

function refusedProblem({ name, code, at, left }: Refused): KeptState['problem'] {
  const words = ferryWords(code)
  return {
    code: 'refused',
    message: {
      zh: `文件 ${name} 未被接收，${left ? '留在原处' : '已另存'}：${words.zh}`,
      en: `File ${name} was not taken and ${left ? 'stays where it is' : 'is kept aside'}: ${words.en}`,
    },
    since: at,
  }
}
