import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { ERRORS, type Endpoint } from '@huitong/contract'
import { FRAME_BYTES, TUS_PATH, type UploadView } from '@huitong/contract/nodes'
import { DataStore, Server, Upload } from '@tus/server'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Check, Errors } from 'typebox/value'
import type { Authenticator } from '../../kernel/authenticate.ts'
import { codeOf, errorBody, Refusal, refuse } from '../../kernel/errors.ts'
import { execute } from '../../kernel/execute.ts'
import { refuseCrossSite, sessionToken } from '../../kernel/http.ts'
import { RateLimit } from '../../kernel/rate-limit.ts'
import type { Services } from '../../kernel/services.ts'
import { placesOf } from '../../kernel/validate.ts'
import type { Input, Verb } from '../../kernel/verb.ts'
import { appendUploadVerb } from './append-upload.ts'
import { createUploadVerb } from './create-upload.ts'
import { readUploadVerb } from './read-upload.ts'
import { removeUploadVerb } from './remove-upload.ts'

type Given = Partial<Omit<Input<Endpoint>, 'match'>>
type Run = (verb: Verb, given: Given) => Promise<UploadView>

/**
 * `/api/v1/tus`: uploads as clients of the tus protocol (version 1.0.0, with creation and termination) make them. What it
 * does are the verbs of uploads, with their permissions, audit and limits; it only speaks another language. The metadata
 * of a creation are `sourceId`, `filename` and, if the sender knows it, `digest`.
 */
export function tusRoute(services: Services, authenticate: Authenticator): (app: FastifyInstance) => Promise<void> {
  const limit = new RateLimit(services.settings.personRate)
  return async (app) => {
    // The bytes are taken frame by frame as they come.
    app.addContentTypeParser('application/offset+octet-stream', (_request, payload, done) => done(null, payload))
    for (const url of [TUS_PATH, `${TUS_PATH}/:id`])
      app.route({
        method: ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'],
        url,
        exposeHeadRoute: false,
        config: { endpointId: 'nodes.upload.tus' },
        handler: async (request, reply) => {
          const run = await runnerOf(services, authenticate, limit, request)
          const response = await serverOf(run, request.id).handleWeb(webRequest(request))
          // A sender that was refused may still be sending.
          if (response.status >= 400 && request.body instanceof Readable) request.body.resume()
          for (const [name, value] of response.headers) reply.header(name, value)
          reply.header('cache-control', 'no-store').code(response.status)
          return reply.send(Buffer.from(await response.arrayBuffer()))
        },
      })
  }
}

/** Runs verbs as the person who sends this request. @throws Refusal as every endpoint. */
async function runnerOf(
  services: Services,
  authenticate: Authenticator,
  limit: RateLimit,
  request: FastifyRequest,
): Promise<Run> {
  refuseCrossSite(request)
  const actor = await authenticate(createUploadVerb.endpoint, request, Buffer.alloc(0))
  if (actor.kind === 'person') limit.take(actor.id)
  const { id = '-' } = request.params as { id?: string }
  return async (verb, given) => {
    const call = {
      actor,
      requestId: request.id,
      get input() {
        return inputOf(verb.endpoint, given)
      },
      object: /^[0-9a-f-]{36}$/.test(id) ? id : '-',
      idempotencyKey: null,
      client: {
        token: sessionToken(request),
        agent: String(request.headers['user-agent'] ?? '').slice(0, 200),
        address: request.ip,
        holdsKey: () => false,
      },
      setSession: () => undefined,
    }
    return (await execute(services, verb, call)) as UploadView
  }
}

/** Checked as the endpoint checks it. */
function inputOf(endpoint: Endpoint, given: Given): Input<Endpoint> {
  const { params = {}, query = {}, body = {}, bytes = Buffer.alloc(0) } = given
  for (const [schema, value] of [
    [endpoint.params, params],
    [endpoint.query, query],
    [endpoint.body, body],
  ] as const)
    if (!Check(schema, value)) refuse('request.invalid', { places: placesOf(Errors(schema, value), '') })
  return { params, query, body, bytes, match: 0 }
}

function webRequest(request: FastifyRequest): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value)
  const url = new URL(request.url, `${request.protocol}://${request.headers.host ?? 'localhost'}`)
  const body = request.body instanceof Readable ? (Readable.toWeb(request.body) as ReadableStream) : null
  return new Request(url, { method: request.method, headers, body, ...(body ? { duplex: 'half' } : {}) })
}

/** One for each request: its store acts as the person who sends it. */
function serverOf(run: Run, requestId: string): Server {
  return new Server({
    path: TUS_PATH,
    datastore: new VerbStore(run),
    relativeLocation: true,
    // The verb that creates gives the name.
    namingFunction: () => randomUUID(),
    generateUrl: (_request, { path, id }) => `${path}/${id}`,
    // The row's own lock keeps two writers apart, in whatever process they are.
    locker: () => ({ newLock: () => ({ lock: async () => undefined, unlock: async () => undefined }) }),
    async onResponseError(_request, error) {
      if ('status_code' in error) return { status_code: error.status_code, body: error.body }
      return { status_code: ERRORS[codeOf(error)].status, body: JSON.stringify(errorBody(error, requestId)) }
    },
  })
}

class VerbStore extends DataStore {
  readonly #run: Run

  constructor(run: Run) {
    super()
    this.#run = run
    this.extensions = ['creation', 'termination']
  }

  override async create(upload: Upload): Promise<Upload> {
    const { sourceId, filename, digest } = upload.metadata ?? {}
    const made = await this.#run(createUploadVerb, {
      params: { id: sourceId ?? '' },
      body: {
        fileName: filename ?? '',
        bytes: String(upload.size ?? ''),
        ...(digest ? { digest } : {}),
      },
    })
    upload.id = made.id
    return upload
  }

  override async getUpload(id: string): Promise<Upload> {
    const view = await this.#run(readUploadVerb, { params: { id } })
    // What was given up, removed or refused is no upload that could go on.
    if (view.state !== 'receiving' && view.state !== 'kept') throw new Refusal('object.not_found')
    const metadata = { sourceId: view.sourceId, filename: view.fileName }
    return new Upload({ id, size: Number(view.bytes), offset: Number(view.received), metadata })
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    let at = offset
    let view: UploadView | null = null
    let fault: unknown = null
    const put = async (bytes: Buffer) => {
      view = await this.#run(appendUploadVerb, { params: { id }, query: { offset: String(at) }, bytes }).catch(
        (error: unknown) => {
          fault = error
          throw error
        },
      )
      at += bytes.length
    }
    let pieces: Buffer[] = []
    let length = 0
    const flush = async () => {
      if (length > 0) await put(Buffer.concat(pieces, length))
      pieces = []
      length = 0
    }
    try {
      for await (const piece of stream) {
        for (let rest = piece as Buffer; rest.length > 0;) {
          // Up to the end of the frame, so that nothing has to wait for the rest of it.
          const part = rest.subarray(0, FRAME_BYTES - ((at + length) % FRAME_BYTES))
          pieces.push(part)
          length += part.length
          if ((at + length) % FRAME_BYTES === 0) await flush()
          rest = rest.subarray(part.length)
        }
      }
    } catch (error) {
      if (fault !== null) throw error
      // The line broke: what came is kept, and the sender asks how far that is.
    }
    await flush()
    if ((view as UploadView | null)?.state === 'refused') refuse('upload.digest')
    return at
  }

  override async remove(id: string): Promise<void> {
    await this.#run(removeUploadVerb, { params: { id } })
  }
}
