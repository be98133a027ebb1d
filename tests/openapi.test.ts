import { TOKEN_PATH } from '@huitong/contract/application-signature'
import { TUS_PATH } from '@huitong/contract/nodes'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALL_ENDPOINTS, ERRORS } from '@huitong/contract'
import { describe, expect, test } from 'vitest'
import { usePlatform } from './harness/platform.ts'

interface Operation {
  operationId: string
  security: unknown[]
  requestBody?: unknown
  parameters: { name: string; in: string; required: boolean }[]
  responses: Record<string, { description: string }>
}
interface Description {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

describe('OpenAPI', () => {
  const platform = usePlatform({ jobs: false })
  const served = async () =>
    JSON.parse(
      (await platform.server.http.inject({ method: 'GET', url: '/api/v1/openapi.json' })).payload,
    ) as Description

  test('the served document passes the lint of a tool that others wrote', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'huitong-openapi-'))
    const file = join(folder, 'openapi.json')
    writeFileSync(file, JSON.stringify(await served()))
    const redocly = join(import.meta.dirname, '../node_modules/@redocly/cli/bin/cli.js')
    const done = spawnSync(process.execPath, [redocly, 'lint', '--extends=minimal', '--format=json', file], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      env: {
        ...process.env,
        REDOCLY_TELEMETRY: 'off',
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
        HTTPS_PROXY: 'http://127.0.0.1:9',
      },
    })
    rmSync(folder, { recursive: true, force: true })
    const report = JSON.parse(done.stdout.slice(done.stdout.indexOf('{'))) as {
      problems: { ruleId: string; message: string; severity: string }[]
    }
    expect(report.problems.filter((one) => one.severity === 'error')).toEqual([])
    expect(done.status).toBe(0)
  })

  test('it describes OpenAPI 3.1, every endpoint once, and nothing else', async () => {
    const { openapi, paths } = await served()
    expect(openapi).toBe('3.1.0')
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => `${operation.operationId} ${method.toUpperCase()} ${path}`),
    )
    const declared = ALL_ENDPOINTS.map(
      (one) => `${one.id} ${one.method} ${one.path.replace(/:(\w+)/g, '{$1}').replace('*', '{tile}')}`,
    )
    expect(described.sort()).toEqual([...declared].sort())
    expect(new Set(ALL_ENDPOINTS.map((one) => one.id)).size).toBe(ALL_ENDPOINTS.length)
  })

  test('route inventory: every address that the server answers under /api is in it, and the other way round', async () => {
    const { paths } = await served()
    const described = new Set(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    )
    const probes = [...ALL_ENDPOINTS.map((one) => one.path), '/api/v1/openapi.json']
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
    const wrong: string[] = []
    for (const path of new Set(probes))
      for (const method of methods) {
        const url = path.replace(/:(\w+)/g, 'x').replace('*', 'x')
        const { statusCode } = await platform.server.http.inject({ method, url })
        const known = described.has(`${method} ${path.replace(/:(\w+)/g, '{$1}').replace('*', '{tile}')}`)
        const isDocument = path === '/api/v1/openapi.json' && method === 'GET'
        const refused = statusCode === 405 || (path === '/api/v1/openapi.json' && statusCode === 404)
        if (refused === (known || isDocument)) wrong.push(`${method} ${path}: ${statusCode}`)
      }
    expect(wrong).toEqual([])
    // Fastify's own inventory: nothing hides beside the contract.
    const routes = inventory(platform.server.http.printRoutes({ commonPrefix: false, includeHooks: false }))
    // A wildcard is printed without the path before it; there is one, and none at the root.
    const printed = (path: string) => (path.endsWith('/*') ? '*' : path)
    expect(ALL_ENDPOINTS.filter((one) => one.path.endsWith('*'))).toHaveLength(1)
    for (const method of methods) expect(platform.server.http.hasRoute({ method, url: '*' })).toBe(false)
    const expected = [
      ...ALL_ENDPOINTS.map((one) => printed(one.path)),
      '/api/v1/openapi.json',
      // Described as a way of being known (`securitySchemes`): its form and its errors are those of RFC 6749.
      TOKEN_PATH,
      // The language of another protocol for the verbs of uploads, which are described as endpoints.
      TUS_PATH,
      `${TUS_PATH}/:id`,
      '/livez',
      '/readyz',
      '/metrics',
    ]
    expect(routes.filter((path) => !expected.includes(path))).toEqual([])
    expect(expected.filter((path) => !routes.includes(path))).toEqual([])
  })

  test('each operation says who may call it, what it may answer, and that a change needs If-Match', async () => {
    const { paths } = await served()
    for (const endpoint of ALL_ENDPOINTS) {
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}').replace('*', '{tile}')
      const operation = paths[path]![endpoint.method.toLowerCase()]!
      const ways = endpoint.access === 'public' ? 0 : endpoint.access === 'application' ? 2 : 1
      expect([endpoint.id, operation.security.length]).toEqual([endpoint.id, ways])
      expect(operation.parameters.some((one) => one.name === 'If-Match' && one.required)).toBe(endpoint.ifMatch)
      expect(operation.responses[String(endpoint.status)]).toBeDefined()
      for (const code of endpoint.errors)
        expect([endpoint.id, operation.responses[String(ERRORS[code].status)]?.description]).toEqual([
          endpoint.id,
          expect.stringContaining(code),
        ])
    }
  })
})

/** The paths of Fastify's tree of routes. */
function inventory(tree: string): string[] {
  const stack: string[] = []
  const paths: string[] = []
  for (const line of tree.split('\n')) {
    const match = /^((?:│ {3}| {4})*)(?:├── |└── )(\S*?)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (!match) continue
    const depth = match[1]!.length / 4
    stack.length = depth
    stack.push(match[2]!)
    if (match[3]) paths.push(stack.join(''))
  }
  return paths
}
