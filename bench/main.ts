import type { Print } from './line.ts'

/** Every benchmark by name: what it measures, and its file. A new one is one line here. */
const BENCHMARKS: Readonly<
  Record<string, { words: string; load: () => Promise<{ run(print: Print): Promise<void> }> }>
> = {
  exchange: {
    words: 'full copy, database to database, sealed and receipted, two separate agents; memory of server and agents',
    load: () => import('./exchange.ts'),
  },
  changes: {
    words: 'change log of PostgreSQL: changes a second that are applied, and the time from commit to commit',
    load: () => import('./changes.ts'),
  },
  gateway: {
    words:
      'shared service: one row by its key, signed, granted, masked, within quota and accounted for, against a bare route; a proxied call',
    load: () => import('./gateway.ts'),
  },
  search: {
    words: 'search of the catalogue: the demonstration city, and a made-up province with recall counted by brute force',
    load: () => import('./search.ts'),
  },
  quality: {
    words: 'fifty rules over ten million rows in one scan with every failing row kept, against one query per rule',
    load: () => import('./quality.ts'),
  },
  fusion: {
    words: 'ten million people with valid numbers made one from two sources; candidate pairs of the others a second',
    load: () => import('./fusion.ts'),
  },
  ledger: {
    words: 'evidence log: durable entries against bare inserts of the same bytes, and the time of a proof',
    load: () => import('./ledger.ts'),
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
