import { describe, expect, test } from 'vitest'
import { compileGrant, type GrantDocument, type Use } from './index.ts'

const grant: GrantDocument = {
  v: 1,
  id: '00000000-0000-4000-8000-000000000001',
  number: 'SQ-1',
  requestId: '00000000-0000-4000-8000-000000000002',
  dataset: { id: '00000000-0000-4000-8000-000000000003', code: '307001/000001', version: 1 },
  grantor: { departmentId: 'civil' },
  grantee: { departmentId: 'works' },
  items: ['code', 'name'],
  rowFilter: { op: 'startsWith', field: 'code', value: { type: 'text', value: '33' } },
  masks: [{ item: 'name', mask: 'name' }],
  purpose: '危房改造核对',
  matterCode: 'M-1',
  method: 'table',
  validFrom: '2026-01-01T00:00:00.000Z',
  validUntil: '2026-12-31T16:00:00.000Z',
  rowsPerDayMax: 10,
}
const use: Use = { departmentId: 'works', at: '2026-06-01T00:00:00.000Z', items: null, revoked: false }

describe('compileGrant', () => {
  test('gives the granted items with masks, the row filter and the limit', () => {
    expect(compileGrant(grant, use)).toEqual({
      allowed: true,
      columns: [
        { item: 'code', mask: null },
        { item: 'name', mask: 'name' },
      ],
      rows: grant.rowFilter,
      rowsPerDayMax: 10,
    })
  })

  test('a narrower filter is added, never put in place of the grant', () => {
    const rows = { op: 'eq', field: 'code', value: { type: 'text', value: '11' } } as const
    const plan = compileGrant(grant, { ...use, rows, items: ['code'] })
    expect(plan).toMatchObject({ columns: [{ item: 'code' }], rows: { op: 'and', args: [grant.rowFilter, rows] } })
  })

  test.each([
    ['revoked', { revoked: true }],
    ['grantee', { departmentId: 'police' }],
    ['not_yet', { at: '2025-12-31T23:59:59.999Z' }],
    ['expired', { at: '2026-12-31T16:00:00.000Z' }],
    ['expired', { legalAt: '2026-12-31T16:00:00.000Z' }],
    ['expired', { at: '2027-01-01T00:00:00.000Z', legalAt: '2026-06-01T00:00:00.000Z' }],
    ['not_yet', { at: '2025-12-01T00:00:00.000Z', legalAt: '2026-06-01T00:00:00.000Z' }],
    ['purpose', { matterCode: 'M-2' }],
    ['items', { items: ['code', 'id_number'] }],
    ['items', { items: [] }],
    ['expired', { at: 'not a time' }],
  ] as const)('refuses as a whole: %s %j', (reason, change) => {
    expect(compileGrant(grant, { ...use, ...change })).toEqual({ allowed: false, reason })
  })
})
