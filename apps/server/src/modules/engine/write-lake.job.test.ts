import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { DuckDBInstance } from '@duckdb/node-api'
import { sealSegment, type SealedSegment } from '@huitong/segment'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  BENEFIT_TABLE,
  land,
  prepareCentre,
  type CentreGround,
  type Landed,
} from '../../../../../tests/harness/centre.ts'
import { useEngine } from '../../../../../tests/harness/engine.ts'
import { seal, startRun, type Run } from '../../../../../tests/harness/exchange.ts'
import { eventually } from '../../../../../tests/harness/guards.ts'
import { usePlatform } from '../../../../../tests/harness/platform.ts'
import { SYSTEM_ROWS, type Reader } from '../../kernel/db.ts'
import { isLakeBehind, lakeTable, lakeType } from './lake.ts'
import { objectKey } from './stored-segment.ts'
import { writeLakeJob } from './write-lake.job.ts'

describe('the lake', () => {
  const platform = usePlatform({ centre: true })
  useEngine(platform)
  let ground: CentreGround
  let landed: Landed
  let run: Run
  beforeAll(async () => {
    ground = await prepareCentre(platform)
    landed = await land(platform, ground, BENEFIT_TABLE)
    run = await startRun(platform, centreRun(), landed.channel)
  })
  const centreRun = () => ({ provider: ground.provider, consumer: ground.node }) as never
  const read = <T>(work: (db: Reader) => Promise<T>) => platform.server.services.db.read(SYSTEM_ROWS, work)
  const filesOf = (sequence: number) =>
    read((db) =>
      db.maybe<{ rows: string; problem: string | null; kind: string }>(sql`select rows, problem, kind from lake_file
        where channel_id = ${landed.channel.id} and sequence = ${sequence} order by written_at desc limit 1`),
    )
  const arrived = (sequence: number) =>
    eventually(
      () => filesOf(sequence),
      (one) => one !== null,
    )
  const query = async (text: string) => {
    const connection = await (await DuckDBInstance.create()).connect()
    return (await connection.runAndReadAll(text)).getRowsJson()
  }
  const table = () => read((db) => lakeTable(db, landed.channel.id))
  const files = async () => (await table())!.base.map((one) => join(platform.dataDir, one))
  const otherId = (end: string) => `${landed.channel.id.slice(0, -4)}000${end}`
  let last: SealedSegment

  test('a verified segment becomes typed Parquet with the values as they were; nothing plain stays beside', async () => {
    last = await seal(
      run.read.input,
      ground.provider.signing,
      [
        ['9007199254740993', '引号" 逗号, 换行\n 𠮷', '', '812.50'],
        ['2', null, '33010219900307231x', null],
      ],
      { final: false },
    )
    await ground.provider.upload(last)
    await arrived(1)
    // Not complete before its last segment is there.
    expect(await table()).toBeNull()
    const empty = await seal(run.read.input, ground.provider.signing, [], { previous: last.signed })
    await ground.provider.upload(empty)
    expect(await arrived(2)).toEqual({ rows: '0', problem: null, kind: 'copy' })
    const list = (await files()).map((one) => `'${one}'`).join(', ')
    const rows =
      await query(`select id, person_name, id_number, amount::varchar, typeof(id), typeof(amount), typeof(person_name)
      from read_parquet([${list}]) order by id`)
    expect(rows).toEqual([
      ['2', null, '33010219900307231x', null, 'BIGINT', 'DECIMAL(10,2)', 'VARCHAR'],
      ['9007199254740993', '引号" 逗号, 换行\n 𠮷', '', '812.50', 'BIGINT', 'DECIMAL(10,2)', 'VARCHAR'],
    ])
    expect(readdirSync(join(platform.dataDir, 'engine')).filter((one) => one.endsWith('.csv'))).toEqual([])
    expect(await read((db) => isLakeBehind(db, [landed.channel.id]))).toBe(false)
  })

  test('played again after a kill, the same file and one record', async () => {
    const turn = { fence: '1', signal: new AbortController().signal }
    expect(await writeLakeJob.run(platform.server.services, turn)).toBe(false)
    const audits = await read((db) =>
      db.one<{ n: number }>(sql`select count(*)::int as n from audit where action = 'job.write_lake'`),
    )
    expect(audits.n).toBe(2)
    expect((await files()).every((one) => existsSync(one))).toBe(true)
  })

  test('complete changes follow the copy, with their operation column', async () => {
    await plantChanges(otherId('b'), 'U,9007199254740993,x,y,0.00\nD,2,,,\n')
    const found = await table()
    expect([found!.base.length, found!.changes.length]).toEqual([2, 1])
    const rows = await query(
      `select "_op", id, amount::varchar from read_parquet('${join(platform.dataDir, found!.changes[0]!)}') order by id`,
    )
    expect(rows).toEqual([
      ['D', '2', null],
      ['U', '9007199254740993', '0.00'],
    ])
  })

  /** A stream of changes as the exchange keeps it once it has been verified. */
  async function plantChanges(id: string, plain: string): Promise<void> {
    const { input } = run.read
    const segment = await sealSegment({
      channel: id,
      generation: 1,
      sequence: 1,
      kind: 'changes',
      counts: { insert: '0', update: '1', delete: '1' },
      columns: [{ name: '_op', type: 'char(1)' }, ...input.columns.map(({ as, type }) => ({ name: as, type }))],
      recipients: input.recipients.map((one) => one.publicKey),
      final: true,
      source: { from: null, to: null, snapshot: null },
      previous: null,
      signingKey: ground.provider.signing.privateKey,
      sealedAt: new Date(),
      plain: Buffer.from(plain),
    })
    const { sealedDigest, plainBytes, sealedBytes } = segment.signed.manifest
    const { services } = platform.server
    await services.objects.putIfAbsent(objectKey(sealedDigest), Readable.from([segment.sealed]), {
      sha256: sealedDigest,
      bytes: segment.sealed.length,
    })
    await services.db.write(SYSTEM_ROWS, async (db) => {
      await db.run(
        sql.raw(`insert into stream (id, generation, channel_id, kind, created_at)
        values ('${id}', 1, '${landed.channel.id}', 'changes', now())`),
      )
      await db.run(sql`insert into segment (stream_id, generation, sequence, channel_id, digest, manifest, manifest_hash, signature, rows,
          plain_bytes, sealed_bytes, final, state, announced_at, verified_at)
        values (${id}, 1, 1, ${landed.channel.id}, ${sealedDigest}, ${Buffer.from(segment.signed.bytes).toString('utf8')}, ${'0'.repeat(64)}, '', 2,
          ${plainBytes}, ${sealedBytes}, true, 'verified', now(), now())`)
    })
    await eventually(
      () => read((db) => db.maybe(sql`select 1 from lake_file where stream_id = ${id}`)),
      (one) => one !== null,
    )
  }

  test('types that have no exact counterpart stay text', () => {
    const types = [
      'bigint',
      'numeric(38,18)',
      'numeric',
      'numeric(39,2)',
      'timestamptz',
      'double',
      'date',
      'varchar(8)',
    ]
    expect(types.map(lakeType)).toEqual([
      'BIGINT',
      'DECIMAL(38,18)',
      'VARCHAR',
      'VARCHAR',
      'VARCHAR',
      'DOUBLE',
      'DATE',
      'VARCHAR',
    ])
  })

  test('a value that its type does not hold is recorded once, and does not hold up what comes after', async () => {
    const before = await table()
    await plantChanges(otherId('c'), 'U,2,x,y,much\nD,3,,,\n')
    await plantChanges(otherId('d'), 'U,2,x,y,5.00\nD,3,,,\n')
    const problems = await read((db) =>
      db.many<{ problem: string | null }>(sql`select problem from lake_file order by written_at desc limit 2`),
    )
    expect(problems).toEqual([{ problem: null }, { problem: 'lake.value' }])
    expect((await table())!.changes.length).toBe(before!.changes.length + 1)
    expect(await read((db) => isLakeBehind(db, [landed.channel.id]))).toBe(false)
  })

  test('plain files that a killed process left are removed after a day, those of working jobs are not', async () => {
    const folder = join(platform.dataDir, 'engine')
    mkdirSync(folder, { recursive: true })
    const [old, young] = [join(folder, 'old.csv'), join(folder, 'young.csv')]
    for (const path of [old, young]) writeFileSync(path, '张三\n')
    const before = new Date(Date.now() - 25 * 3_600_000)
    utimesSync(old, before, before)
    await eventually(
      async () => existsSync(old),
      (is) => !is,
      15_000,
    )
    expect(existsSync(young)).toBe(true)
    rmSync(young)
  })
})
