import type { Print } from './line.ts'

/** Every benchmark by name: what it measures, and its file. A new one is one line here. */
const BENCHMARKS: Readonly<
  Record<string, { words: string; load: () => Promise<{ run(print: Print): Promise<void> }> }>
> = {
  exchange: {
    words: 'full copy, database to database, sealed and receipted, two separate agents; memory of server and agents',
    load: () => import('./exchange.ts'),
  },
}

const name = process.argv[2]
if (name === undefined) {
  for (const [key, one] of Object.entries(BENCHMARKS)) console.log(`${key.padEnd(12)} ${one.words}`)
} else {
  const benchmark = BENCHMARKS[name]
  if (!benchmark) {
    console.error(
      `没有名为 ${name} 的基准测试 · no benchmark is called ${name}; known: ${Object.keys(BENCHMARKS).join(', ')}`,
    )
    process.exit(2)
  }
  let passed = true
  const { run } = await benchmark.load()
  await run((line) => {
    passed &&= line.pass
    console.log(JSON.stringify(line))
  })
  process.exit(passed ? 0 : 1)
}
