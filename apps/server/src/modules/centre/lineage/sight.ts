import { evaluate, VISIBILITY } from '@huitong/policy'
import { type Person, viewerOf } from '../../../kernel/actor.ts'
import type { DatasetRow } from '../../catalogue/index.ts'

/**
 * What of the lineage a person may see: each box by the rule of the page that shows it. The facts are read with the platform's
 * own sight, so that what is hidden can be counted; nothing but these rules decides what is named.
 */
export interface Sight {
  source(departmentId: string): boolean
  dataset(row: Pick<DatasetRow, 'department_id' | 'state' | 'pending_state'>): boolean
  task(providerId: string, consumerId: string): boolean
  grant(providerId: string, consumerId: string): boolean
  governed(departmentId: string): boolean
  library(): boolean
  job(departmentId: string): boolean
  service(): boolean
  opening(providerId: string, consumerId: string): boolean
}

export function sightOf(actor: Person): Sight {
  const viewer = viewerOf(actor)
  const own = (rule: 'node' | 'quality' | 'lineageJob') => (department: string) =>
    evaluate(VISIBILITY[rule](viewer), { department })
  const between = (rule: 'channel' | 'grant' | 'opening') => (provider: string, applicant: string) =>
    evaluate(VISIBILITY[rule](viewer), { provider, applicant })
  return {
    source: own('node'),
    governed: own('quality'),
    job: own('lineageJob'),
    dataset: ({ department_id: department, state, pending_state: pending }) =>
      evaluate(VISIBILITY.dataset(viewer), { department, published: String(state === 'published'), pending }),
    task: between('channel'),
    grant: between('grant'),
    opening: between('opening'),
    library: () => actor.permissions.has('library.read'),
    service: () => actor.permissions.has('service.read'),
  }
}
