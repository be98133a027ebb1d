import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { Refusal } from './kernel/errors.ts'

const DIST = join(import.meta.dirname, '../../web/dist')
const YEAR = 'public, max-age=31536000, immutable'

/**
 * Serves the built pages: hashed assets for a year, and the one page for every address that is a page's. Files are
 * looked up at each request, because the pages are built while the server starts: a list made at the start would be
 * empty after a first clone and stale after an upgrade.
 */
export async function servePortal(http: FastifyInstance): Promise<void> {
  await http.register(fastifyStatic, {
    root: DIST,
    serve: false,
    cacheControl: false,
    setHeaders: (reply, path) =>
      void reply.header('cache-control', path.startsWith(join(DIST, 'assets')) ? YEAR : 'no-cache'),
  })
  http.get('/*', async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    if (path.startsWith('/api/')) throw new Refusal('route.not_found')
    if (/\.[a-z0-9]{1,5}$/i.test(path)) return reply.sendFile(path.slice(1))
    if (!existsSync(join(DIST, 'index.html'))) throw new Refusal('platform.starting')
    return reply.sendFile('index.html')
  })
}
