import { CallError, createClient, type CallInput, type Endpoint, type ReplyOf, type Transport } from '@huitong/contract'
import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query'
import { currentSession, login } from '@huitong/contract/identity'
import { useMemo, useRef } from 'react'
import type { Problem } from './ui/problem.ts'

let lastRequest: string | null = null

/** Number of the last request that the platform answered, for feedback. */
export const lastRequestId = () => lastRequest

const transport: Transport = async ({ method, path, headers, body, signal }) => {
  const response = await fetch(path, {
    method,
    headers,
    body,
    credentials: 'same-origin',
    ...(signal ? { signal } : {}),
  })
  lastRequest = response.headers.get('x-request-id') ?? response.headers.get('request-id') ?? lastRequest
  return response
}

/** The one client of all pages. */
export const client = createClient(transport)

const TRIES_MAX = 2
/** Worth trying again without asking: no reply, or the platform says that it is coming back. */
const passing = (error: unknown) =>
  error instanceof CallError && (error.code === 'network' || error.status === 503 || error.status === 504)

/** When a call says that the session has ended, or must change its password first, it is read anew, and the shell leads on. */
function noticeSignOut(error: unknown): void {
  if (error instanceof CallError && (error.code === 'session.required' || error.code === 'password.must_change'))
    void queryClient.resetQueries({ queryKey: SESSION_KEY })
}
const SESSION_KEY = [currentSession.id]

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] !== currentSession.id) noticeSignOut(error)
    },
  }),
  mutationCache: new MutationCache({ onError: noticeSignOut }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < TRIES_MAX && passing(error),
      retryDelay: (count) => 500 * 2 ** count,
    },
    mutations: { retry: (count, error) => count < TRIES_MAX && passing(error), retryDelay: 500 },
  },
})

/** What a failed call looks like on a page. Errors that are not ours are shown as they are, without detail. */
export function toProblem(error: unknown): Problem {
  if (error instanceof CallError) {
    lastRequest = error.requestId ?? lastRequest
    return {
      code: error.code,
      status: error.status,
      message: error.words,
      places: error.places,
      requestId: error.requestId,
    }
  }
  return {
    code: 'page.failed',
    status: 0,
    message: { zh: '页面出现异常，请刷新后再试', en: 'The page failed; reload and try again' },
    places: [],
    requestId: null,
  }
}

export interface ReadOptions<R = unknown> {
  readonly enabled?: boolean
  /** Reads again after so many milliseconds; decided by the last reply. */
  readonly everyMs?: (reply: R | undefined) => number | false
  /** Keeps showing the last page while the next one is on its way. */
  readonly keep?: boolean
}

/** Reads an endpoint and keeps its reply fresh. */
export function useRead<E extends Endpoint>(
  endpoint: E,
  input: CallInput<E> = {},
  options: ReadOptions<ReplyOf<E>> = {},
): UseQueryResult<ReplyOf<E>, CallError> {
  const { everyMs } = options
  return useQuery<ReplyOf<E>, CallError>({
    queryKey: [endpoint.id, input],
    queryFn: ({ signal }) => client.call(endpoint, input, { signal }),
    ...(options.enabled === undefined ? {} : { enabled: options.enabled }),
    ...(options.keep ? { placeholderData: keepPreviousData as never } : {}),
    ...(everyMs
      ? { refetchInterval: (query: { state: { data: ReplyOf<E> | undefined } }) => everyMs(query.state.data) }
      : {}),
  })
}

export interface Act<E extends Endpoint> {
  /** Sends the change; answers the reply, or throws what {@link toProblem} explains. */
  run(input: CallInput<E>, match?: string | number): Promise<ReplyOf<E>>
  readonly busy: boolean
  readonly problem: Problem | null
  reset(): void
}

/**
 * Sends changes to an endpoint. A change that got no answer keeps its Idempotency-Key, so pressing again cannot do
 * it twice. After success everything on the page is read anew.
 */
export function useAct<E extends Endpoint>(endpoint: E): Act<E> {
  const queries = useQueryClient()
  const unanswered = useRef<{ text: string; key: string } | null>(null)
  const mutation = useMutation<ReplyOf<E>, CallError, { input: CallInput<E>; match?: string | number; key: string }>({
    mutationFn: ({ input, match, key }) =>
      client.call(endpoint, input, {
        // A sign-in is simply made again.
        ...(endpoint.id === login.id ? {} : { idempotencyKey: key }),
        ...(match === undefined ? {} : { match }),
      }),
    onSuccess: () => {
      unanswered.current = null
      return queries.invalidateQueries()
    },
    onError: (error) => {
      if (error.code !== 'network') unanswered.current = null
    },
  })
  const { error } = mutation
  const problem = useMemo(() => (error ? toProblem(error) : null), [error])
  return {
    run: (input, match) => {
      const text = JSON.stringify([input, match])
      if (unanswered.current?.text !== text) unanswered.current = { text, key: crypto.randomUUID() }
      return mutation.mutateAsync({
        input,
        key: unanswered.current.key,
        ...(match === undefined ? {} : { match }),
      })
    },
    busy: mutation.isPending,
    problem,
    reset: mutation.reset,
  }
}
