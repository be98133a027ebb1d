import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { Refusal } from './kernel/errors.ts'

const DIST = join(import.meta.dirname, '../../web/dist')

/** Serves the built pages: hashed assets for a year, and the one page for every address that is a page's. */
export async function servePortal(http: FastifyInstance): Promise<void> {
  if (!existsSync(join(DIST, 'index.html'))) return
  await http.register(fastifyStatic, { root: DIST, wildcard: false, index: false, cacheControl: false })
  http.get('/*', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    if (path.startsWith('/api/') || /\.[a-z0-9]{1,5}$/i.test(path)) throw new Refusal('route.not_found')
    return reply.header('cache-control', 'no-cache').sendFile('index.html')
  })
}
