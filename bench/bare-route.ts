import Fastify from 'fastify'
import pg from 'pg'

/**
 * The native counterpart of a shared service: a bare Fastify route that reads the same columns of one row by its key
 * from the same database, without a signature, a policy, a mask, a quota or an account. A process of its own.
 */
export const BARE_NAME = 'bare Fastify + pg route'

const { BARE_DATABASE_URL: url = '', BARE_SELECT: text = '' } = process.env
if (process.argv[1] === import.meta.filename) {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  const server = Fastify()
  const read = (code: string): Promise<{ row: object | undefined }> =>
    pool.query<object>({ name: 'row', text, values: [code] }).then(({ rows }) => ({ row: rows[0] }))
  server.get<{ Querystring: { code: string } }>('/row', (request) => read(request.query.code))
  console.log(await server.listen({ port: 0, host: '127.0.0.1' }))
}
