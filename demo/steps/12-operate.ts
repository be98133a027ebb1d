import { VICTIMS, type Kill } from '../run/kills.ts'
import { KILLABLE } from '../run/chaos.ts'
import type { PollFigures } from '../run/poller.ts'
import { faultsOf, needed, pause, until, type Outcome, type Step, type World } from '../run/world.ts'
import { breakAndMend, incidentFaults, type IncidentFigures } from './incident.ts'

export interface OperateStepFigures extends PollFigures, IncidentFigures {
  kills: Kill[]
  chaos_kills: number
  processes_up: number
  source_digest: string
  target_digest: string
}

/** What the kills of step 6 did: everything is back, nothing is lost or doubled, the public port always answered. */
async function run(world: World): Promise<Outcome<OperateStepFigures>> {
  const { kills } = needed(world.made.operate, 'the kills of step 6')
  const { source, target } = needed(world.made.copied, 'the measured copy of step 6')
  if (world.sabotage === 'operate') await closePort(world)
  await until('all processes', async () => upNow(world) === KILLABLE.length - 1, 60_000)
  const incident = await breakAndMend(world)
  const polls = world.poller.figures()
  const figures: OperateStepFigures = {
    kills,
    chaos_kills: world.chaos.kills.length,
    processes_up: upNow(world),
    source_digest: source.digest,
    target_digest: target.digest,
    ...polls,
    ...incident,
  }
  const faults = faultsOf({
    'each process was killed and came back': kills.map((one) => one.process).join() === VICTIMS.join(),
    'everything that runs for ever is up': figures.processes_up === KILLABLE.length - 1,
    'no row was lost or doubled': target.rows === world.villages && target.keys === target.rows,
    'both ends hold the same values': source.digest === target.digest,
    'the public port was asked all the time': polls.polls > 20 && polls.ok > 0,
    'it never answered 404': polls.not_found === 0,
    'it never refused while a supervisor lived': polls.refused === 0,
    'no connection was reset but by a kill': polls.resets_otherwise === 0 && polls.timeouts === 0,
    'it answered nothing but success or “starting”': polls.other_status === 0,
    'it was dead only where the supervisor itself was to be killed':
      polls.while_supervisor_dead === 0 || world.chaos.kills.some((one) => one.name === 'supervisor'),
  })
  return { figures, faults: [...faults, ...incidentFaults(incident)] }
}

const upNow = (world: World): number => {
  const lines = world.platform.processes()
  return KILLABLE.filter((name) => lines.some((one) => one.name === name && one.ready)).length
}

/** Sabotage: the supervisor dies although nobody was to kill it, and stays away for two seconds. */
async function closePort(world: World): Promise<void> {
  world.platform.delayNextRestart(2_000)
  world.platform.kill('supervisor')
  await pause(2_500)
  await until('the port', async () => (await fetch(`${world.platform.url}/readyz`).catch(() => null))?.status === 200)
}

export const operate: Step<OperateStepFigures> = { number: 12, name: 'operate', run }
