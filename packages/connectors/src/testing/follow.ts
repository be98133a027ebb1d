import { randomUUID } from 'node:crypto'
import { type Column, countOperations, sha256Hex } from '@huitong/segment'
import type { ChangeRead, ChangeStream, Cursor } from '../connector.ts'
import type { AppliedChanges, ChangeSegment, TargetTable } from '../database.ts'
import { ChangeLoader } from '../postgresql/apply-changes.ts'
import { Loader } from '../postgresql/load-rows.ts'
import { claimChannel, claimTable } from '../postgresql/position.ts'
import { readChanges } from '../postgresql/read-changes.ts'
import type { PostgresqlSettings } from '../postgresql/settings.ts'
import { ensureTable } from '../postgresql/target.ts'

/** One table that is followed into another, without agents or segments on the way. */
export class Followed {
  readonly source: PostgresqlSettings
  readonly target: PostgresqlSettings
  readonly read: Omit<ChangeRead, 'cursor'>
  readonly table: TargetTable
  readonly channel = randomUUID()
  cursor: Cursor | null = null

  constructor(
    source: PostgresqlSettings,
    target: PostgresqlSettings,
    read: Omit<ChangeRead, 'cursor'>,
    columns: readonly Column[],
  ) {
    this.source = source
    this.target = target
    this.read = read
    const nullable = columns.map((column) => ({ ...column, nullable: true }))
    this.table = { schema: 'public', name: `${read.table.name}_received`, columns: nullable, key: read.key }
  }

  /** The full copy that sets the cursor. */
  async copy(generation = 1): Promise<ChangeStream> {
    const { table, channel, target } = this
    await ensureTable(target, table)
    const { fence } = await claimChannel(target, channel, table)
    const loader = await Loader.open(target, { channel, table, fence })
    try {
      const stream = await readChanges(this.source, { ...this.read, cursor: null })
      const plain = await textOf(stream)
      const { columns, cursor } = stream
      const load = { generation, sequence: 1, final: true, columns, plain }
      await loader.apply({ ...load, rows: stream.rows.toString(), cursor: JSON.stringify(cursor) })
      this.cursor = cursor
      return stream
    } finally {
      await loader.close()
    }
  }

  /** What changed since, in segments of so many rows. */
  async changes(rowsMax = 1000): Promise<{ stream: ChangeStream; segments: ChangeSegment[] }> {
    const from = this.cursor!
    const stream = await readChanges(this.source, { ...this.read, cursor: from })
    const lines = (await textOf(stream))
      .toString()
      .split(/(?<=\n)(?=[IUD],)/)
      .filter((line) => line !== '')
    const packs = Array.from({ length: Math.max(1, Math.ceil(lines.length / rowsMax)) }, (_, i) =>
      lines.slice(i * rowsMax, (i + 1) * rowsMax),
    )
    const { columns, cursor: to } = stream
    const segments = packs.map((pack, i) => {
      const plain = Buffer.from(pack.join(''))
      const place = { generation: 1, sequence: i + 1, final: i === packs.length - 1 }
      return { ...place, columns, rows: String(pack.length), plain, plainDigest: sha256Hex(plain), from, to }
    })
    return { stream, segments }
  }

  /** One increment, read and applied. */
  async follow(rowsMax?: number): Promise<{ applied: AppliedChanges; stream: ChangeStream; text: string }> {
    const { stream, segments } = await this.changes(rowsMax)
    const loader = await this.loader()
    try {
      let applied: AppliedChanges | null = null
      for (const segment of segments) applied = await loader.take(segment)
      this.cursor = stream.cursor
      const text = Buffer.concat(segments.map(({ plain }) => plain)).toString()
      countOperations(Buffer.from(text))
      return { applied: applied!, stream, text }
    } finally {
      await loader.close()
    }
  }

  /** A loader that has taken the table over. */
  async loader(stream: string = randomUUID()): Promise<ChangeLoader> {
    const { channel, position } = await claimTable(this.target, this.table)
    return ChangeLoader.open(this.target, { channel, stream, table: this.table, fence: position.fence })
  }
}

async function textOf(stream: ChangeStream): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const { data } of stream) parts.push(Uint8Array.from(data))
  return Buffer.concat(parts)
}
