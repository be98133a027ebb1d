import { refuse } from '../../kernel/errors.ts'

/** What is asked of a department's service; all of it was checked, and nothing of the caller's own headers is in it. */
export interface UpstreamRequest {
  readonly serviceId: string
  /** The node that asks for us; null: we ask ourselves. */
  readonly nodeId: string | null
  readonly baseUrl: string
  readonly method: 'GET' | 'POST'
  /** Path below the base address, with the query. */
  readonly path: string
  readonly body: Buffer | null
  readonly credential: readonly [header: string, value: string] | null
  readonly timeoutMs: number
  readonly replyBytesMax: number
  readonly requestId: string
}

/** Headers of a question: none of them is the caller's. */
export const headersOf = ({ body, credential, requestId }: UpstreamRequest): Record<string, string> => ({
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'huitong-gateway',
  'x-request-id': requestId,
  ...(body ? { 'content-type': 'application/json' } : {}),
  ...(credential ? { [credential[0]]: credential[1] } : {}),
})

/** Refuses a reply by what stands before its body. */
export function requireJson(status: number, type: string, encoded: boolean): void {
  if (status === 404) refuse('service.row_not_found')
  if (status !== 200) refuse('service.upstream_failed', { detail: `status ${status}` })
  if (!/^application\/([a-z.-]+\+)?json\s*(;|$)/i.test(type) || encoded)
    refuse('service.reply_invalid', { detail: `content type ${type.slice(0, 80)}` })
}
