import { useWords } from '../../words/index.ts'
import type { Service } from './service.page.tsx'

/** A way of calling a service by GET: its name, its path, and parameters to begin with. */
export interface Way {
  readonly value: string
  readonly label: string
  readonly path: string
  readonly query: string
}

const OF_TABLE = ['row', 'rows', 'count', 'export'] as const

/** The ways of calling a service: those of a landed table, or the operations of a department's own service. */
export function useWays(service: Service): Way[] {
  const { choice, say } = useWords()
  const base = `/api/v1/services/${service.code}`
  if (service.proxied)
    return service.proxied.operations
      .filter((one) => one.method === 'GET')
      .map((one) => ({
        value: one.code,
        label: say(one.name),
        path: `${base}/operations/${one.code}`,
        query: one.parameters
          .filter((parameter) => parameter.required)
          .map((parameter) => `${parameter.name}=1`)
          .sort()
          .join('&'),
      }))
  const byKey = [...service.key]
    .sort()
    .map((item) => `${item}=1`)
    .join('&')
  return OF_TABLE.map((one) => ({
    value: one,
    label: choice('callWay', one),
    path: `${base}/${one}`,
    query: one === 'row' ? byKey : '',
  }))
}
