import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@huitong/segment'
import { Incoming, Outgoing } from '../index.ts'

export const NODE = '0d9f6a56-3b0e-4f0a-9a53-6d1c3c0f1a11'

/** A sender, a gate of two real folders, and a receiver; each is opened anew as a restart does it. */
export class Gate {
  readonly dir = mkdtempSync(join(tmpdir(), 'huitong-gate-'))
  readonly signing = generateKeyPair('ed25519')
  readonly sealing = generateKeyPair('x25519')
  /** Bends the receiver's clock, ms. */
  aheadMs = 0
  keptBytesMax = 1_000_000_000

  constructor() {
    for (const name of ['from', 'to']) mkdirSync(join(this.dir, name))
  }

  sender(own = 'sender'): Promise<Outgoing> {
    return Outgoing.open({
      dir: join(this.dir, own),
      folder: join(this.dir, 'from'),
      node: NODE,
      direction: 'in',
      signing: this.signing,
      recipient: this.sealing.publicKey,
      keptBytesMax: this.keptBytesMax,
      now: () => new Date(),
    })
  }

  receiver(own = 'receiver'): Promise<Incoming> {
    return Incoming.open({
      dir: join(this.dir, own),
      folder: join(this.dir, 'to'),
      refused: join(this.dir, 'refused'),
      node: NODE,
      direction: 'in',
      privateKey: this.sealing.privateKey,
      signerOf: () => this.signing.publicKey,
      now: () => new Date(Date.now() + this.aheadMs),
    })
  }

  /** Files that wait to be carried, in order. */
  lying(): string[] {
    return readdirSync(join(this.dir, 'from')).sort()
  }

  /** Files at the receiving side. */
  brought(): string[] {
    return readdirSync(join(this.dir, 'to')).sort()
  }

  /** Carries one file, whole unless `bend` changes its bytes. It stays at the sending side. */
  carry(name: string, bend: (bytes: Buffer) => Buffer = (bytes) => bytes, as = name): void {
    writeFileSync(join(this.dir, 'to', as), bend(readFileSync(join(this.dir, 'from', name))))
  }

  carryAll(): void {
    for (const name of this.lying()) copyFileSync(join(this.dir, 'from', name), join(this.dir, 'to', name))
  }

  /** What was put aside, each with its reason: code by name. */
  refused(): Record<string, string> {
    const folder = join(this.dir, 'refused')
    return Object.fromEntries(
      readdirSync(folder)
        .filter((name) => name.endsWith('.reason.json'))
        .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { name: string; code: string })
        .map(({ name, code }) => [name, code]),
    )
  }

  dispose(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

export const text = (value: string) => ({ head: { value }, bytes: Buffer.from(value.repeat(100)) })

/** Sends so many messages, their values counted on, and lays them out. */
export async function sendSome(sender: Outgoing, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await sender.send('segment', text(String(sender.last + 1)))
  await sender.carry()
}

/** Takes all there is; the values of what came, in the order in which it was given. */
export async function takeAll(receiver: Incoming): Promise<string[]> {
  const values: string[] = []
  for (let next = await receiver.next(); next !== null; next = await receiver.next()) {
    const { value } = next.head as { value: string }
    if (Buffer.from(next.bytes).toString() !== value.repeat(100)) throw new Error('other bytes')
    values.push(value)
  }
  await receiver.commit()
  return values
}
