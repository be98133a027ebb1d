import { createHash } from 'node:crypto'
import { createChannel, readChannel, startChannel } from '@huitong/contract/exchange'
import { createSource } from '@huitong/contract/nodes'
import type { DiscoverResult, ReadInput } from '@huitong/contract/work'
import { sealSegment, type SealedSegment, type SignedManifest } from '@huitong/segment'
import { beforeAll } from 'vitest'
import { decide, readAs } from './catalogue.ts'
import { type Channel, discover, grantTo } from './exchange.ts'
import { FOLDER_ITEMS, publishFolder } from './files.ts'
import { eventually } from './guards.ts'
import { enrol, type TestNode } from './node.ts'
import { type TestPlatform, usePlatform } from './platform.ts'

const TYPES = ['text', 'bigint', 'timestamptz', 'bytea']
const FOUND: DiscoverResult = {
  tables: [
    {
      schema: '',
      name: 'drop/',
      comment: null,
      suggestedName: null,
      rowEstimate: null,
      key: ['path'],
      schemaHash: 'b'.repeat(64),
      fields: FOLDER_ITEMS.map((name, at) => ({
        name,
        type: TYPES[at]!,
        canonicalType: TYPES[at]!,
        nullable: false,
        length: null,
        position: at + 1,
        comment: null,
        suggestedName: null,
      })),
    },
  ],
}

export interface FilesGround {
  readonly platform: TestPlatform
  provider: TestNode
  consumer: TestNode
  channel: Channel
  read: { id: string; fence: string; input: ReadInput }
}

/** A task of files that runs, with nodes that the test plays. Call at the top of a describe. */
export function useRunningFiles(): FilesGround {
  const platform = usePlatform()
  const ground = { platform } as FilesGround
  beforeAll(async () => {
    ground.provider = await enrol(platform, platform.departments.civil, '民政文件节点')
    ground.consumer = await enrol(platform, platform.departments.works, '住建文件节点')
    const centre = await platform.as('centre')
    const folder = async (node: TestNode, usage: 'provide' | 'receive') => {
      const settings = { root: '/srv/files', encoding: 'auto', delimiter: 'auto' }
      const body = { name: { zh: '文件夹' }, nodeId: node.id, kind: 'files', settings, usage, frontDatabase: true }
      return (await centre.call(createSource, { body })).id
    }
    const table = await discover(platform, ground.provider, await folder(ground.provider, 'provide'), FOUND)
    const dataset = await publishFolder(platform, table.id)
    const request = await grantTo(platform, dataset, { items: FOLDER_ITEMS, method: 'file' })
    const targetSourceId = await folder(ground.consumer, 'receive')
    const body = { grantId: request.grantId!, targetSourceId, targetTable: 'got', mode: 'files' as const }
    const { id } = await centre.call(createChannel, { body })
    await eventually(
      () => readAs(platform, 'works-officer', request.id),
      (one) => one.step === 'applicant_confirm',
    )
    await decide(platform, request.id, 'applicant_confirm')
    const ready = await eventually(
      () => centre.call(readChannel, { params: { id } }),
      ({ state }) => state === 'ready',
    )
    ground.channel = await centre.call(startChannel, { params: { id } }, { match: ready.version })
    const work = await ground.provider.work('read', id)
    ground.read = { ...work, input: work.input as ReadInput }
  })
  return ground
}

/** A file as it is told of and sent. */
export const fileOf = (path: string, content: string) => ({
  path,
  bytes: String(Buffer.byteLength(content)),
  digest: createHash('sha256').update(content).digest('hex'),
})

/** Seals whole files as the next segment of the run. */
export function sealFilesOf(
  { read, provider }: FilesGround,
  files: Readonly<Record<string, string>>,
  previous: SignedManifest | null = null,
): Promise<SealedSegment> {
  const pieces = Object.entries(files).map(([name, content]) => {
    const { bytes, digest } = fileOf(name, content)
    return { name, bytes, offset: '0', length: bytes, digest, dropped: false }
  })
  return sealSegment({
    channel: read.input.stream,
    generation: read.input.generation,
    sequence: (previous?.manifest.sequence ?? 0) + 1,
    kind: 'file',
    counts: { rows: String(pieces.length) },
    columns: [],
    file: pieces,
    recipients: read.input.recipients.map(({ publicKey }) => publicKey),
    final: false,
    source: { from: null, to: null, snapshot: null },
    previous,
    signingKey: provider.signing.privateKey,
    sealedAt: new Date(),
    plain: Buffer.from(Object.values(files).join('')),
  })
}
