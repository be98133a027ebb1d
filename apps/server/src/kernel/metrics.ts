import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  readonly requests: Histogram<'endpoint' | 'status'>
  readonly events: Counter<'subscriber' | 'outcome'>
  readonly jobs: Counter<'job' | 'outcome'>
  readonly segments: Counter<'step'>
  readonly ledgerSize: Gauge
}

/** Prometheus metrics of this process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'huitong_' })
  const registers = [registry]
  return {
    registry,
    requests: new Histogram({
      name: 'huitong_request_seconds',
      help: 'Time to answer, by endpoint and status',
      labelNames: ['endpoint', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
      registers,
    }),
    events: new Counter({
      name: 'huitong_events_total',
      help: 'Events handled',
      labelNames: ['subscriber', 'outcome'],
      registers,
    }),
    jobs: new Counter({ name: 'huitong_jobs_total', help: 'Runs of jobs', labelNames: ['job', 'outcome'], registers }),
    segments: new Counter({
      name: 'huitong_segments_total',
      help: 'Segments by step',
      labelNames: ['step'],
      registers,
    }),
    ledgerSize: new Gauge({ name: 'huitong_ledger_entries', help: 'Entries in the evidence ledger', registers }),
  }
}
