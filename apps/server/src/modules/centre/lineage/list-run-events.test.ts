import { listRunEvents } from '@huitong/contract/lineage'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { runWhole, useChannel } from '../../../../../../tests/harness/exchange.ts'
import { guards } from '../../../../../../tests/harness/guards.ts'
import type { Account } from '../../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS } from '../../../kernel/db.ts'
import { useLineage } from '../testing/lineage.ts'
import { openLineageFaults } from '../testing/openlineage.ts'
import type { RunEvent } from './open-lineage.ts'

describe('events of finished runs', () => {
  const made = useLineage()
  const { platform } = made
  const db = () => platform.server.services.db
  guards(platform, listRunEvents, { input: () => ({ query: {} }), denied: ['operator', 'auditor'] })
  const read = async (who: Account, query: Record<string, string> = {}): Promise<RunEvent[]> => {
    const { cookie } = await platform.as(who)
    const url = `${listRunEvents.path}?${String(new URLSearchParams(query))}`
    const reply = await platform.server.http.inject({ method: 'GET', url, headers: { cookie } })
    expect([reply.statusCode, reply.headers['content-type']]).toEqual([200, 'application/x-ndjson'])
    const lines = reply.payload.split('\n')
    expect(lines.pop()).toBe('')
    return lines.map((line) => JSON.parse(line) as RunEvent)
  }

  beforeAll(async () => {
    // Runs as the jobs and the nodes leave them behind; what they do to data is tested where it is done.
    await db().write(SYSTEM_ROWS, async (tx) => {
      for (const [at, channel] of [made.people.channel.id, made.channelId].entries())
        await tx.run(sql`insert into node_work (id, node_id, kind, subject_kind, subject_id, input, state, problem, created_at, finished_at)
          select gen_random_uuid(), s.node_id, 'apply', 'channel', c.id, '{}', ${at === 0 ? 'done' : 'failed'},
            ${at === 0 ? null : JSON.stringify({ code: 'target.unreachable' })}, now(), now() - interval '1 hour' + ${at} * interval '1 minute'
          from channel c join data_source s on s.id = c.target_id where c.id = ${channel}`)
      await tx.run(sql`insert into recipe_run (id, number, jurisdiction, recipe_id, recipe_version, dataset_id, department_id, steps, state,
          rows_left, bytes, requested_by, created_at, finished_at)
        select gen_random_uuid(), 'QX-TEST-1', jurisdiction, id, version, dataset_id, department_id, steps, 'done', 3, 1200, updated_by,
          now(), now() - interval '50 minutes' from recipe where id = ${made.recipeId}`)
      await tx.run(sql`insert into fusion_run (id, number, jurisdiction, library, department_id, settings_version, settings, state, as_of,
          figures, requested_by, created_at, finished_at)
        select gen_random_uuid(), 'RH-TEST-1', f.jurisdiction, f.library, p.department_id, f.version, f.settings, 'done', '2026-01-01',
          '{"masters": "3"}', f.updated_by, now(), now() - interval '40 minutes' from fusion_settings f join person p on p.id = f.updated_by`)
    })
  })

  test('each is a run event of the specification, in the order of their end', async () => {
    const events = await read('centre')
    expect(events.flatMap(openLineageFaults)).toEqual([])
    expect(events.map((one) => [one.job.name.split('/')[0], one.eventType])).toEqual([
      ['exchange', 'COMPLETE'],
      ['exchange', 'FAIL'],
      ['recipe', 'COMPLETE'],
      ['fusion', 'COMPLETE'],
    ])
    expect(events[0]!.job.namespace).toBe('huitong://330100')
    expect(events[1]!.run.facets).toMatchObject({ errorMessage: { message: 'target.unreachable' } })
    expect(events[3]!.outputs[0]!.outputFacets).toMatchObject({ outputStatistics: { rowCount: 3 } })
  })

  test('columns are told with what became of them: masks, codes, filters, steps, several records to one', async () => {
    const events = await read('centre')
    const lineageOf = (at: number) => events[at]!.outputs[0]!.facets.columnLineage as unknown as ColumnLineage
    const { fields, dataset } = lineageOf(1)
    const code = made.people.dataset.code
    expect(fields['phone']!.inputFields).toEqual([
      {
        namespace: 'huitong://330100',
        name: `dataset/${code}`,
        field: 'phone',
        transformations: [{ type: 'DIRECT', subtype: 'TRANSFORMATION', description: 'masked (phone)', masking: true }],
      },
    ])
    expect(fields['batch']).toBeUndefined()
    expect(fields['village']!.inputFields[0]!.transformations[0]).toMatchObject({ masking: false })
    const filter = dataset!.find((one) => one.field === 'village_code')!
    expect(filter.transformations[0]).toMatchObject({ type: 'INDIRECT', subtype: 'FILTER' })
    const recipe = lineageOf(2)
    expect(recipe.fields['born']!.inputFields[0]).toMatchObject({
      name: `task/${made.people.channel.number}`,
      field: 'id_number',
    })
    // The name is filled from another dataset, found by the number.
    expect(recipe.fields['name']!.inputFields.map((one) => `${one.name} ${one.field}`)).toContain(
      `task/${made.benefits.channel.number} person_name`,
    )
    const fused = lineageOf(3).fields['number']!.inputFields[0]!
    expect(fused.transformations[0]).toMatchObject({ type: 'DIRECT', subtype: 'AGGREGATION' })
  })

  test('pages follow each other by time and run', async () => {
    const all = await read('centre')
    const met: RunEvent[] = []
    for (let last: RunEvent | undefined; ;) {
      const more: Record<string, string> = last ? { after: last.eventTime, afterRun: last.run.runId } : {}
      const some = await read('centre', { ...more, limit: '1' })
      if (some.length === 0) break
      met.push(...some)
      last = some[0]
    }
    expect(met).toEqual(all)
    expect(await read('centre', { after: all.at(-1)!.eventTime })).toEqual([])
  })

  test('others see the runs of their own data only, and nothing of a library', async () => {
    const kinds = async (who: Account) => (await read(who)).map((one) => one.job.name)
    const works = await kinds('works-officer')
    expect(works.length).toBe(1)
    expect((await kinds('civil-officer')).map((one) => one.split('/')[0])).toEqual(['exchange', 'exchange', 'recipe'])
    expect(await kinds('police-officer')).toEqual([])
  })

  test('a run whose steps fit the table no more is told without its columns, and stops nothing', async () => {
    const steps = JSON.stringify([{ kind: 'trim', parameters: { column: 'gone', inside: 'none' } }])
    await db().write(SYSTEM_ROWS, (tx) =>
      tx.run(sql`insert into recipe_run (id, number, jurisdiction, recipe_id, recipe_version, dataset_id, department_id, steps, state,
          rows_left, bytes, requested_by, created_at, finished_at)
        select gen_random_uuid(), 'QX-TEST-2', jurisdiction, id, version, dataset_id, department_id, ${steps}, 'done', 3, 1200, updated_by,
          now(), now() - interval '45 minutes' from recipe where id = ${made.recipeId}`),
    )
    const events = await read('centre')
    expect(events.flatMap(openLineageFaults)).toEqual([])
    expect(events.length).toBe(5)
    const name = `governed/${made.people.dataset.code}`
    expect(events[3]).toMatchObject({ eventType: 'COMPLETE', inputs: [], outputs: [{ name, facets: {} }] })
    expect(events[3]!.outputs[0]!.facets).toEqual({})
  })
})

describe('the event of an exchange that ran', () => {
  const prepared = useChannel()
  const { platform } = prepared

  test('it tells the rows and bytes that arrived, once the run has settled', async () => {
    const rows = [
      ['330102001001', '甲村', '33'],
      ['330102001002', '乙村', '33'],
    ]
    const { run } = await runWhole(prepared, prepared.channel, rows)
    const { cookie } = await platform.as('works-officer')
    const read = () => platform.server.http.inject({ method: 'GET', url: listRunEvents.path, headers: { cookie } })
    const wait = (time: string) =>
      platform.server.services.db.write(SYSTEM_ROWS, (tx) =>
        tx.run(sql`update node_work set finished_at = finished_at - ${time}::interval where id = ${run.apply.id}`),
      )
    expect((await read()).payload).toBe('')
    // A transaction that began before may take as long as a statement may, and commit then.
    await wait('20 seconds')
    expect((await read()).payload).toBe('')
    await wait('40 seconds')
    const event = JSON.parse((await read()).payload) as RunEvent
    expect(openLineageFaults(event)).toEqual([])
    expect(event).toMatchObject({
      eventType: 'COMPLETE',
      run: { runId: run.apply.id, facets: {} },
      job: { name: `exchange/${prepared.channel.number}` },
      outputs: [{ outputFacets: { outputStatistics: { rowCount: 2, size: expect.any(Number) } } }],
    })
  })
})

interface ColumnLineage {
  fields: Record<string, { inputFields: InputField[] }>
  dataset?: InputField[]
}
interface InputField {
  name: string
  field: string
  transformations: object[]
}
