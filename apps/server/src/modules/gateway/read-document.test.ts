import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readServiceDocument } from '@huitong/contract/gateway'
import { beforeAll, describe, expect, test } from 'vitest'
import { serve, type Served } from '../../../../../tests/harness/gateway.ts'
import { guards, NOBODY } from '../../../../../tests/harness/guards.ts'
import { OPERATIONS } from '../../../../../tests/harness/upstream.ts'
import { documentOf } from './read-document.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'

describe('OpenAPI document of a service', () => {
  const platform = usePlatform({ centre: true })
  let served: Served
  beforeAll(async () => {
    served = await serve(platform)
  })
  guards(platform, readServiceDocument, {
    input: () => ({ params: { id: served.service.id } }),
    denied: ['sysadmin', 'auditor'],
  })
  const fetched = async (id: string) => {
    const { cookie } = await platform.as('works-developer')
    const url = `/api/v1/shared-services/${id}/openapi.json`
    return platform.server.http.inject({ method: 'GET', url, headers: { cookie } })
  }

  test('200: the ways of calling with the service’s own items', async () => {
    const document = JSON.parse((await fetched(served.service.id)).payload) as {
      openapi: string
      paths: Record<string, { get?: { parameters: { name: string; in: string; required: boolean }[] } }>
    }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      ['row', 'rows', 'count', 'export', 'batch'].map((way) => `/api/v1/services/people/${way}`),
    )
    const row = document.paths['/api/v1/services/people/row']!.get!.parameters.filter((one) => one.in === 'query')
    expect(row.map((one) => [one.name, one.required])).toEqual([
      ['id', true],
      ['items', false],
    ])
  })

  test('it passes the lint of a tool that others wrote', async () => {
    const text = (await fetched(served.service.id)).payload
    expect(lint(text)).toEqual([0, expect.not.stringContaining('Error was generated')])
  })

  test('a proxied service is described by its operations, and passes the lint as well', async () => {
    const base = { ...served.service, key: [], kind: 'proxied' as const }
    const proxied = { baseUrl: null, operations: OPERATIONS, timeoutMs: 1_000, replyBytesMax: 4_096, nodeId: null }
    const document = documentOf({ ...base, code: 'live', proxied })
    expect(Object.entries(document.paths).map(([path, methods]) => `${Object.keys(methods)[0]} ${path}`)).toEqual([
      'get /api/v1/services/live/operations/find',
      'post /api/v1/services/live/operations/batch',
      'get /api/v1/services/live/operations/phone',
      'get /api/v1/services/live/operations/kept',
    ])
    expect(lint(JSON.stringify(document))).toEqual([0, expect.not.stringContaining('Error was generated')])
  })

  test('404: no such service', async () => {
    expect((await fetched(NOBODY)).statusCode).toBe(404)
  })
})

/** Status and complaints of the tool. */
function lint(text: string): [number | null, string] {
  const folder = mkdtempSync(join(tmpdir(), 'huitong-service-'))
  try {
    const file = join(folder, 'service.json')
    writeFileSync(file, text)
    const redocly = join(import.meta.dirname, '../../../../../node_modules/@redocly/cli/bin/cli.js')
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const done = spawnSync(process.execPath, [redocly, 'lint', '--extends=minimal', file], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...env, HTTPS_PROXY: 'http://127.0.0.1:9' },
    })
    return [done.status, done.stderr]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
