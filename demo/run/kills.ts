import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from './platform.ts'
import type { World } from './world.ts'

/** The five processes that step 12 kills, in this order, each while the whole table flows. */
export const VICTIMS = ['agent-provider', 'engine', 'server', 'postgres', 'agent-consumer'] as const
export type Victim = (typeof VICTIMS)[number]

/** One kill as the demonstration saw it. */
export interface Kill {
  readonly process: Victim
  /** Rows that had reached the receiving database (staged or visible) when the process was killed. */
  readonly at_row: number
  /** Seconds until the supervisor's table listed it ready again under another pid. */
  readonly back_after_seconds: number
}
export interface OperateFigures {
  readonly kills: Kill[]
}

const BACK_TIMEOUT_MS = 60_000
/** Rows that must be there before the first kill, so that it falls into the copy, as a share of all. */
const FIRST_AT = 0.05
const FIRST_ROWS_TIMEOUT_MS = 30_000
const MORE_ROWS_TIMEOUT_MS = 3_000

/**
 * Kills the victims one after the other. `rowsNow` counts what has arrived; `keepFlowing` starts another copy when the
 * one at hand has ended before its kills.
 */
export async function killAll(
  world: World,
  rowsNow: () => Promise<number>,
  keepFlowing: () => Promise<void>,
): Promise<OperateFigures> {
  const kills: Kill[] = []
  for (const process of VICTIMS) {
    await keepFlowing()
    await rowsAbove(world, kills.at(-1), rowsNow)
    const at_row = await rowsNow()
    let pid: number | null = null
    const isKilled = async (): Promise<boolean> => {
      pid = isUp(world, process, null) ? world.platform.kill(process) : null
      return pid !== null
    }
    await waitFor(`${process} to kill`, isKilled, { timeoutMs: BACK_TIMEOUT_MS, pauseMs: 30 })
    world.poller.killed()
    const begun = performance.now()
    await waitFor(`${process} back`, async () => isUp(world, process, pid), { timeoutMs: BACK_TIMEOUT_MS, pauseMs: 30 })
    const back_after_seconds = Math.round((performance.now() - begun) / 10) / 100
    world.say(`killed ${process} at row ${at_row}; back after ${back_after_seconds} s`)
    kills.push({ process, at_row, back_after_seconds })
  }
  return { kills }
}

function isUp(world: World, name: string, not: number | null): boolean {
  const line = world.platform.processes().find((one) => one.name === name)
  return line?.ready === true && line.pid !== null && line.pid !== not
}

/** Waits for the copy to move on: for its first rows with patience, for more of them only a moment. */
async function rowsAbove(world: World, last: Kill | undefined, rowsNow: () => Promise<number>): Promise<void> {
  const wanted = Math.min(last === undefined ? world.villages * FIRST_AT : last.at_row + 1, world.villages)
  const until = performance.now() + (last === undefined ? FIRST_ROWS_TIMEOUT_MS : MORE_ROWS_TIMEOUT_MS)
  while (performance.now() < until && (await rowsNow()) < wanted) await sleep(30)
}
