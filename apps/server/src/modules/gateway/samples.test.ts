import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SIGNATURE_HASHES, type SignatureAlgorithm } from '@huitong/contract/application-signature'
import { SAMPLE_LANGUAGES, sampleOf } from '@huitong/contract/service-samples'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { credential, MATTER, serve } from '../../../../../tests/harness/gateway.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

const run = promisify(execFile)
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../../../docs/services.md'), 'utf8')

/** How each sample is run, and whether this machine can. */
const SAMPLES = [
  ['sh', 'call.sh', 'sh', ['curl', '--version']],
  ['js', 'call.mjs', process.execPath, [process.execPath, '--version']],
  ['python', 'call.py', 'python3', ['python3', '--version']],
  ['java', 'Call.java', 'java', ['java', '--version']],
] as const

const isThere = ([program, ...args]: readonly [string, ...string[]]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  )

const ROW = { path: '/api/v1/services/people/row', query: 'id=2' }
const CASES = (Object.keys(SIGNATURE_HASHES) as SignatureAlgorithm[]).flatMap((algorithm) =>
  SAMPLES.map(([language, file, program, probe]) => [algorithm, language, file, program, probe] as const),
)

test.each(SAMPLE_LANGUAGES)('docs/services.md has the sample as pages show it: %s', (language) => {
  expect(DOCUMENT).toContain(`\n\`\`\`${language}\n${sampleOf(language, ROW)}\n\`\`\``)
})

describe('the samples sign as other languages’ own libraries do', () => {
  const platform = usePlatform({ centre: true })
  const folder = mkdtempSync(join(tmpdir(), 'huitong-samples-'))
  let env: NodeJS.ProcessEnv
  beforeAll(async () => {
    await serve(platform)
    const { appId, secret } = await credential(platform)
    await platform.server.http.listen({ port: 0, host: '127.0.0.1' })
    const { port } = platform.server.http.server.address() as AddressInfo
    const own = { HUITONG_URL: `http://127.0.0.1:${port}`, HUITONG_APP: appId, HUITONG_SECRET: secret }
    env = { ...process.env, ...own, HUITONG_MATTER: MATTER }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(CASES)('%s %s', { timeout: 60_000 }, async (algorithm, language, file, program, probe) => {
    if (!(await isThere(probe))) {
      // What `.ci/run` installs must be there; a JDK is too large for that.
      if (process.env['CI'] && language !== 'java') throw new Error(`${probe[0]} is missing`)
      console.warn(`skipped: ${probe[0]} is not on this machine`)
      return
    }
    const path = join(folder, file)
    writeFileSync(path, `${sampleOf(language, { ...ROW, algorithm })}\n`)
    const { stdout } = await run(program, [path], { env })
    expect(JSON.parse(stdout)).toMatchObject({
      row: { id: '2', name: '李梅', id_number: expect.stringMatching(/^\d{6}\*{8}.{4}$/) as string },
    })
  })
})
