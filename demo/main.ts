import { writeFileSync } from 'node:fs'
import { randomOf } from './city/random.ts'
import { readArguments, type StepName, WITH_KILLS } from './run/arguments.ts'
import { startChaos } from './run/chaos.ts'
import { runJob, tableOf, type Report } from './run/job.ts'
import { startPlatform } from './run/platform.ts'
import { polledPaths, startPoller } from './run/poller.ts'
import { checkReport } from './run/report.ts'
import { unprovenOf } from './run/sabotage.ts'
import { openWorld, type WorldOptions } from './run/world.ts'

/** `npm run demo`: the main job, alone, on a platform of its own. Answers the exit code. */
async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2), process.env)
  const begun = performance.now()
  const say = (line: string): void =>
    console.log(`[${((performance.now() - begun) / 1000).toFixed(1).padStart(6)}] ${line}`)
  const platform = await startPlatform({ ...given, say, onStarted: endOnSignals })
  try {
    const { city } = platform
    say(
      `${city.province.name}${city.division.name}: ${city.departments.length} departments, ${given.villages} villages, ${given.persons} persons, ${given.firms} firms`,
    )
    const poller = startPoller(platform.url, polledPaths(), platform.deadSpans)
    const random = randomOf(`huitong/chaos/${given.seed}`)
    const chaos = startChaos(platform, poller, { count: given.chaos, random, say })
    const { villages, sabotage } = given
    const common = { platform, villages, poller, chaos, say }
    const steps = await runJob(openWorld({ ...common, round: 1, sabotage, operate: true }))
    const unproven = given.prove === null ? [] : await prove(common, given.prove)
    await chaos.stop()
    await poller.stop()
    const seconds = Math.round((performance.now() - begun) / 10) / 100
    const report: Report = { ok: steps.every((one) => one.ok), seconds, seed: given.seed, steps }
    const flaws = checkReport(report)
    if (given.json !== null) writeFileSync(given.json, `${JSON.stringify(report, null, 2)}\n`)
    console.log(`\n${tableOf(steps)}\n`)
    for (const flaw of flaws) console.log(`the report does not conform to demo/report.schema.json: ${flaw}`)
    console.log(`${report.ok ? 'everything is as it should be' : 'something is NOT as it should be'}; ${seconds} s`)
    if (given.prove !== null && unproven.length === 0) console.log(`spoilt in ${given.prove}, it is seen to fail there`)
    for (const one of unproven) console.log(`the job could not be seen to fail: ${one}`)
    return report.ok && flaws.length === 0 && unproven.length === 0 ? 0 : 1
  } finally {
    await platform.stop()
    if (given.keep) console.log(`kept: ${platform.dataDir}`)
  }
}

/** Does the job once more up to a step, spoilt there. Answers why that is no proof; nothing: the step found out. */
async function prove(common: Omit<WorldOptions, 'round' | 'sabotage' | 'operate'>, step: StepName): Promise<string[]> {
  common.say(`once more, spoilt in ${step}`)
  const world = openWorld({ ...common, round: 2, sabotage: step, operate: WITH_KILLS.includes(step) })
  return unprovenOf(await runJob(world, step), step)
}

/** Ctrl-C, also while the platform is starting, leaves nothing behind. */
function endOnSignals(stop: () => Promise<void>): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void stop().then(() => process.exit(130)))
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  return 1
})
