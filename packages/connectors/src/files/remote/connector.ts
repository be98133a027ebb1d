import type { ConnectorDescription, TestResult } from '../../connector.ts'
import { settingsOf } from '../../connector.ts'
import { DESCRIPTION } from '../connector.ts'
import type { HeldFiles } from '../folder.ts'
import type { FilesSettings } from '../settings.ts'
import { mirror, type MirrorOptions } from './mirror.ts'
import type { RemotePlace } from './place.ts'
import { openS3 } from './s3.ts'
import { S3Settings, SftpSettings } from './settings.ts'
import { openSftp } from './sftp.ts'

/** A copy of a remote folder on this machine, as settings of the connector for folders; what cannot travel is held. */
export interface Brought {
  readonly settings: FilesSettings
  readonly held: HeldFiles
  /** Wanted files whose newest content is not here. */
  readonly missed: ReadonlySet<string>
}

/**
 * A kind of folder on another machine. It is brought to a folder of the node, and read there by the connector for folders:
 * a file is read several times (digest, types, rows), which no line should carry more than once.
 */
export interface RemoteKind {
  describe(): ConnectorDescription
  /** @throws ConnectorError of the place. */
  test(settings: unknown, signal: AbortSignal): Promise<TestResult>
  /** @throws ConnectorError as `mirror`; `bad_settings`. */
  bring(settings: unknown, folder: string, options: Omit<MirrorOptions, 'settleSeconds'>): Promise<Brought>
}

type Common = Pick<FilesSettings, 'encoding' | 'delimiter' | 'complete' | 'settleSeconds'>

function remoteKind<S extends Common>(
  description: Pick<ConnectorDescription, 'kind' | 'words' | 'settingsSchema'>,
  open: (settings: S, signal: AbortSignal) => Promise<RemotePlace>,
): RemoteKind {
  const capabilities = { ...DESCRIPTION.capabilities, receivesFiles: false }
  const describe = () => ({ ...DESCRIPTION, ...description, capabilities })
  return {
    describe,
    async test(value, signal) {
      const started = performance.now()
      const place = await open(settingsOf<S>(describe(), value), signal)
      try {
        const { files } = await place.list(() => undefined)
        const elapsedMs = Math.round(performance.now() - started)
        return { ok: true, server: `${place.server}: ${files.length} files`, elapsedMs }
      } finally {
        await place.close()
      }
    },
    async bring(value, folder, options) {
      const settings = settingsOf<S>(describe(), value)
      const { encoding, delimiter, complete, settleSeconds } = settings
      const place = await open(settings, options.signal)
      try {
        const mirrored = await mirror(place, folder, { ...options, settleSeconds })
        // What is here is whole already.
        const local = { root: folder, encoding, delimiter, settleSeconds: 1 }
        return { settings: complete === undefined ? local : { ...local, complete }, ...mirrored }
      } finally {
        await place.close()
      }
    },
  }
}

/** Folders by SFTP. */
export const sftp = remoteKind<SftpSettings>(
  {
    kind: 'sftp',
    words: { zh: 'SFTP 文件夹', en: 'Folder by SFTP' },
    settingsSchema: SftpSettings,
  },
  openSftp,
)

/** Folders in S3-compatible stores. */
export const s3 = remoteKind<S3Settings>(
  {
    kind: 's3',
    words: { zh: '对象存储（S3 协议）', en: 'Object store (S3 protocol)' },
    settingsSchema: S3Settings,
  },
  openS3,
)
