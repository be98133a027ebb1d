import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Header, Incoming, makeOwn, Outgoing, readOwn, writeOwn } from '@huitong/ferry'
import { keyIdOf } from '@huitong/segment'
import { sql } from 'kysely'
import { SYSTEM_ROWS } from '../../kernel/db.ts'
import type { PlatformKey } from '../../kernel/keys.ts'
import type { Services } from '../../kernel/services.ts'
import type { NodeRow } from '../nodes/index.ts'

/** A node that has no line, as the carrier knows it. */
export interface FerriedNode extends Omit<NodeRow, 'signing_key'> {
  /** Null until its first message has come. */
  signing_key: Buffer | null
  sealing_key: Buffer | null
  readonly link: 'ferry' | 'ferry_in' | 'ferry_out' | 'hand'
}

const SELECT = sql.raw(`select id, name, department_id, jurisdiction, signing_key, sealing_key, link from node`)

/** All nodes without a line. */
export const ferriedNodes = (services: Services): Promise<FerriedNode[]> =>
  services.db.read(SYSTEM_ROWS, (db) => db.many<FerriedNode>(sql`${SELECT} where link <> 'line' order by id`))

/** The same node as it is now. */
export const rereadNode = (services: Services, id: string): Promise<FerriedNode> =>
  services.db.read(SYSTEM_ROWS, (db) => db.one<FerriedNode>(sql`${SELECT} where id = ${id}`))

/** Both ends of a node's crossing at the platform. */
export interface Crossing {
  readonly incoming: Incoming
  /** Null until the node's key is known, to which all is sealed. */
  readonly outgoing: Outgoing | null
}

/** Where the gate, or a person, brings a node's files, and from where it takes those for it. */
export function foldersOf(services: Services, nodeId: string): { in: string; out: string; refused: string } {
  const { ferryDir, dataDir } = services.settings
  const folder = join(ferryDir === '' ? join(dataDir, 'ferry') : ferryDir, nodeId)
  return { in: join(folder, 'in'), out: join(folder, 'out'), refused: join(folder, 'refused') }
}

/** Opens the crossing of a node. `node` may learn its keys meanwhile: who may have signed is asked for each file. */
export async function openCrossing(services: Services, node: FerriedNode): Promise<Crossing> {
  const folders = foldersOf(services, node.id)
  await makeOnce(ownFolder(services, node.id), [folders.in, folders.out])
  // Folders that were there and are not are most often not mounted: the crossing is held up until they are.
  for (const folder of [folders.in, folders.out]) await stat(folder)
  const incoming = await Incoming.open({
    dir: join(ownFolder(services, node.id), 'in'),
    folder: folders.in,
    refused: folders.refused,
    node: node.id,
    direction: 'in',
    privateKey: pkcs8(services.keys.sealing),
    signerOf: (header) => node.signing_key?.toString('base64') ?? keyOfFirst(header),
    now: () => services.clock.now(),
  })
  return { incoming, outgoing: await openOutgoing(services, node) }
}

/** Makes the folders of a new node, or of a new place. Made again each time, they would lie hidden below a mount point. */
async function makeOnce(own: string, folders: readonly string[]): Promise<void> {
  const path = join(own, 'folders.json')
  const made = await readOwn<string[]>(path)
  if (made !== null && folders.every((folder) => made.includes(folder))) return
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o770 })
  await makeOwn(own)
  await writeOwn(path, JSON.stringify(folders))
}

/** The sending end; null while nothing can be sealed to the node. */
export async function openOutgoing(services: Services, node: FerriedNode): Promise<Outgoing | null> {
  if (node.sealing_key === null) return null
  const { signing } = services.keys
  const publicKey = signing.publicKey.toString('base64')
  return Outgoing.open({
    dir: join(ownFolder(services, node.id), 'out'),
    folder: foldersOf(services, node.id).out,
    node: node.id,
    direction: 'out',
    signing: { kind: 'ed25519', keyId: keyIdOf(publicKey), publicKey, privateKey: pkcs8(signing) },
    recipient: node.sealing_key.toString('base64'),
    keptBytesMax: services.settings.ferryBytesMax,
    now: () => services.clock.now(),
  })
}

/** The first message of a new node is signed with the key that it registers; its one-time code vouches for it. */
const keyOfFirst = ({ kind, key }: Header) => (kind === 'enrol' ? key : null)

const ownFolder = (services: Services, nodeId: string) => join(services.settings.dataDir, 'ferry-own', nodeId)

const pkcs8 = ({ privateKey }: PlatformKey) => privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
