import { expect } from 'vitest'
import { holds, READS_REPORT, SURVEYS } from './rules.ts'
import type { Person, World } from './world.ts'

type Get = (path: string) => Promise<{ status: number; text: string }>
interface Report {
  departments: { id: string; figures: Record<string, { value: string | null }> }[]
  total: Record<string, { value: string | null }>
}

/** Items of each published entry of the world. */
const ITEMS = 5

/** The lines that the rules show, each with just what is that department's, and totals of just these lines; how many. */
export async function reportHolds(get: Get, person: Person, world: World): Promise<number> {
  const reply = await get('/report?from=2026-01-01&until=2026-12-31')
  const file = await get('/report.csv?from=2026-01-01&until=2026-12-31')
  if (!holds(person, READS_REPORT)) {
    expect([person.roles, reply.status, file.status]).toEqual([person.roles, 403, 403])
    return 0
  }
  const { departments, total } = JSON.parse(reply.text) as Report
  const home = world.departments.filter((one) => one.jurisdiction === person.department.jurisdiction)
  const shown = holds(person, SURVEYS) ? home : home.filter((one) => one.id === person.department.id)
  // Departments that other worlds and the test city left have nothing in this world.
  const ours = new Set(world.departments.map((one) => one.id))
  expect([
    person.roles,
    departments
      .map((one) => one.id)
      .filter((id) => ours.has(id))
      .sort(),
  ]).toEqual([person.roles, shown.map((one) => one.id).sort()])
  if (!holds(person, SURVEYS)) expect(departments).toHaveLength(1)
  const of = (id: string) => {
    const datasets = world.datasets.filter((one) => one.published && one.department.id === id).length
    const requests = world.requests.filter((one) => one.applicant.id === id).length
    return { datasets: String(datasets), items: String(datasets * ITEMS), requests_made: String(requests) }
  }
  const given = (figures: Report['total']) => ({
    datasets: figures['datasets']?.value,
    items: figures['items']?.value,
    requests_made: figures['requests_made']?.value,
  })
  for (const one of departments) {
    const expected = ours.has(one.id) ? of(one.id) : { datasets: '0', items: '0', requests_made: '0' }
    expect([person.roles, given(one.figures)]).toEqual([person.roles, expected])
    // The file holds the same lines.
    expect(file.text).toContain(world.departments.find(({ id }) => id === one.id)?.name ?? '')
  }
  for (const other of world.departments.filter(({ id }) => !departments.some((one) => one.id === id)))
    expect(file.text.split(/[,\r\n"]/)).not.toContain(other.name)
  for (const name of ['datasets', 'items', 'requests_made'] as const) {
    const sum = shown.reduce((all, one) => all + Number(of(one.id)[name]), 0)
    expect([person.roles, name, total[name]?.value]).toEqual([person.roles, name, String(sum)])
  }
  return departments.length
}
