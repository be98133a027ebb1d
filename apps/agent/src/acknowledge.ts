import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { acknowledgeSegment } from '@huitong/contract/exchange'
import { rowsOf, type SignedManifest, signReceipt } from '@huitong/segment'
import type { WorkContext } from './context.ts'
import { makeFolder, readText } from './files.ts'

/** Receipts that may be on their way; applying waits above it. */
const ON_THE_WAY_MAX = 16

/** Sends consumer receipts in order beside the loading, and remembers how far they came. */
export class Acknowledgements {
  readonly #context: WorkContext
  readonly #path: string
  #pending: Promise<void>[] = []
  #failed: { readonly error: unknown } | null = null
  #done = { generation: 0, sequence: 0 }

  private constructor(context: WorkContext, path: string) {
    this.#context = context
    this.#path = path
  }

  /** Opens the memory of a stream; when it was lost, receipts are only sent again, which is harmless. */
  static async open(stream: string, context: WorkContext): Promise<Acknowledgements> {
    const folder = join(context.dir, 'applied')
    await makeFolder(folder)
    const acknowledgements = new Acknowledgements(context, join(folder, `${stream}.json`))
    acknowledgements.#done = readDone(await readText(acknowledgements.#path))
    return acknowledgements
  }

  /** Last sequence of a generation whose receipt the platform has taken. */
  acknowledged(generation: number): number {
    return this.#done.generation === generation ? this.#done.sequence : 0
  }

  /** Signs and sends the receipt of a segment that is committed. @throws what an earlier receipt failed with. */
  async send(signed: SignedManifest, position: string): Promise<void> {
    if (this.#pending.length >= ON_THE_WAY_MAX) await this.#pending[0]
    this.#check()
    const { channel, generation, sequence, sealedDigest } = signed.manifest
    const { signing } = this.#context.keys
    const receipt = signReceipt(
      {
        version: 1,
        channel,
        generation,
        sequence,
        sealedDigest,
        rows: rowsOf(signed.manifest).toString(),
        hop: 'consumer',
        position,
        at: new Date().toISOString(),
        by: signing.keyId,
      },
      signing.privateKey,
    )
    const before = this.#pending.at(-1) ?? Promise.resolve()
    const sent = this.#deliver(Buffer.from(receipt.bytes).toString('utf8'), before, { generation, sequence })
    const entry: Promise<void> = sent
      .catch((error: unknown) => {
        this.#failed ??= { error }
      })
      .finally(() => {
        this.#pending = this.#pending.filter((one) => one !== entry)
      })
    this.#pending.push(entry)
  }

  /** Waits until every receipt was taken. @throws what one of them failed with. */
  async settle(): Promise<void> {
    while (this.#pending.length > 0) await this.#pending.at(-1)
    this.#check()
  }

  async #deliver(receipt: string, before: Promise<void>, done: { generation: number; sequence: number }) {
    const { platform, signal } = this.#context
    await platform.ask(acknowledgeSegment, { body: { receipt } }, { signal })
    await before
    if (this.#failed !== null) return
    this.#done = done
    // A hint only: losing it costs repeated receipts, so it is not worth an fsync.
    await writeFile(`${this.#path}.half`, JSON.stringify(done), { mode: 0o600 })
    await rename(`${this.#path}.half`, this.#path)
  }

  #check(): void {
    if (this.#failed !== null) throw this.#failed.error
  }
}

function readDone(text: string | null): { generation: number; sequence: number } {
  try {
    const done = JSON.parse(text ?? '') as { generation: number; sequence: number }
    if (Number.isSafeInteger(done.generation) && Number.isSafeInteger(done.sequence)) return done
  } catch {
    // Lost or cut: begin from nothing.
  }
  return { generation: 0, sequence: 0 }
}
