import { openSegmentToBuffer, type Manifest, type SignedManifest } from '@huitong/segment'
import type { Services } from '../../kernel/services.ts'

/** Where a sealed segment lies in the object store: by the digest of its bytes. */
export const objectKey = (digest: string): string => `segments/${digest.slice(0, 2)}/${digest}`

/** A manifest that was verified when it came in. */
export function reopened(text: string): SignedManifest {
  const { manifest, signature } = JSON.parse(text) as { manifest: Manifest; signature: string }
  return { manifest, signature, bytes: Buffer.from(text) }
}

/** The plain text of a stored segment. @throws SegmentError, StorageError. The rows are not counted here: the engine does. */
export async function openStored(services: Services, digest: string, signed: SignedManifest): Promise<Buffer> {
  const privateKey = services.keys.sealing.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  const stored = await services.objects.get(objectKey(digest))
  const sealed = Buffer.concat(await stored.toArray())
  return openSegmentToBuffer({ signed, sealed, privateKey, countRows: false })
}
