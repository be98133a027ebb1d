import { and, eq, FALSE, or, textValue, TRUE, type Predicate } from './predicate.ts'

/**
 * Who asks, as far as visibility goes. `wide`: those of the permissions that a role gives for the whole jurisdiction; the
 * others reach the person's own department only, whatever else the person may do.
 */
export interface Viewer {
  readonly departmentId: string
  readonly permissions: ReadonlySet<string>
  readonly wide: ReadonlySet<string>
}

/**
 * The rows of each kind of object that a viewer may see, as a predicate over the fields that stand beside it.
 * List, detail, search, counts and export all add this predicate to their query.
 */
export const VISIBILITY = {
  /** Fields: `department`, `published` (boolean), `pending` (state of the pending version or null). */
  dataset(viewer: Viewer): Predicate {
    if (!viewer.permissions.has('catalogue.read')) return FALSE
    const published = eq('published', { type: 'boolean', value: 'true' })
    const underReview: Predicate = viewer.permissions.has('dataset.review')
      ? { op: 'in', field: 'pending', values: [textValue('signed')] }
      : FALSE
    return or(published, ownDepartment(viewer), underReview)
  },
  /** Pending content of a dataset, where {@link VISIBILITY.dataset} shows only what is live. */
  pendingDataset(viewer: Viewer): Predicate {
    const review = viewer.permissions.has('dataset.review')
      ? ({ op: 'in', field: 'pending', values: [textValue('signed')] } as const)
      : FALSE
    return and(viewer.permissions.has('catalogue.read') ? TRUE : FALSE, or(ownDepartment(viewer), review))
  },
  /** Fields: `applicant`, `provider` (departments), `reached_provider` (boolean). */
  request(viewer: Viewer): Predicate {
    if (!viewer.permissions.has('request.read')) return FALSE
    const provider = and(
      eq('provider', textValue(viewer.departmentId)),
      eq('reached_provider', { type: 'boolean', value: 'true' }),
    )
    return or(whole(viewer, 'request.read'), eq('applicant', textValue(viewer.departmentId)), provider)
  },
  /** Fields: `applicant`, `provider`. */
  grant: (viewer: Viewer) => between(viewer, 'grant.read'),
  /** Fields: `applicant`, `provider`. */
  channel: (viewer: Viewer) => between(viewer, 'channel.read'),
  /** Fields: `applicant`, `provider`. Tables that landed in the resource centre. */
  asset: (viewer: Viewer) => between(viewer, 'asset.read'),
  /** Fields: `applicant`, `provider`. A masked sample of a landed table; who runs the platform has none of it. */
  preview: (viewer: Viewer) => between(viewer, 'preview.read'),
  /** Fields: `applicant`, `provider`. Services themselves are seen by everybody who may read services. */
  opening: (viewer: Viewer) => between(viewer, 'service.read'),
  /** Fields: `department`. */
  application: (viewer: Viewer) => ownedBy(viewer, 'service.read'),
  /** Fields: `applicant`, `provider`. */
  serviceCall: (viewer: Viewer) => between(viewer, 'service.call.read'),
  /** Fields: `department`. */
  obligation: (viewer: Viewer) => ownedBy(viewer, 'obligation.read'),
  /** Fields: `department`. */
  node: (viewer: Viewer) => ownedBy(viewer, 'node.read'),
  /** Fields: `department`. Alerts and incidents. */
  alert: (viewer: Viewer) => ownedBy(viewer, 'alert.read'),
  /** Fields: `department`. Lines of the statistics report. */
  report: (viewer: Viewer) => ownedBy(viewer, 'report.read'),
  /** Fields: `department`. Suites, checks, work orders and violations. */
  quality: (viewer: Viewer) => ownedBy(viewer, 'quality.read'),
  /** Fields: `department`. Steps of other systems that were reported for the lineage. */
  lineageJob: (viewer: Viewer) => ownedBy(viewer, 'catalogue.read'),
  /** Fields: `applicant`, `provider`. */
  correction: (viewer: Viewer) => between(viewer, 'quality.read'),
  /** Fields: `department`. */
  evidence: (viewer: Viewer) => ownedBy(viewer, 'evidence.read'),
} as const

const whole = (viewer: Viewer, permission: string): Predicate => (viewer.wide.has(permission) ? TRUE : FALSE)
const ownDepartment = (viewer: Viewer): Predicate => eq('department', textValue(viewer.departmentId))

function between(viewer: Viewer, permission: string): Predicate {
  if (!viewer.permissions.has(permission)) return FALSE
  return or(
    whole(viewer, permission),
    eq('applicant', textValue(viewer.departmentId)),
    eq('provider', textValue(viewer.departmentId)),
  )
}

function ownedBy(viewer: Viewer, permission: string): Predicate {
  return viewer.permissions.has(permission) ? or(whole(viewer, permission), ownDepartment(viewer)) : FALSE
}
