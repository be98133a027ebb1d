import type { HeldReason } from '../folder.ts'

/** A file of a place that is reached over a line. */
export interface RemoteFile {
  /** Path from the folder of the source with `/`; plain, as `filePathFault` of `@huitong/segment` has it. */
  readonly path: string
  readonly bytes: number
  /** Another content has another one, as far as the place tells. */
  readonly version: string
  /** Milliseconds since 1970 by the clock of the place. */
  readonly modifiedMs: number
}

/** What a look at a place found. */
export interface RemoteLook {
  readonly files: readonly RemoteFile[]
  /** Folders that can be mounted, also empty ones: paths as those of files. */
  readonly folders: readonly string[]
}

/** A folder of another machine, for reading. */
export interface RemotePlace {
  /** Product and version as the place tells them, for the test of a connection. */
  readonly server: string
  /** A file that is listed is whole: nobody can see half of one. */
  readonly isAtomic: boolean
  /** All files below the folder. Names that cannot travel are told to `held`. @throws ConnectorError. */
  list(held: (path: string, reason: HeldReason) => void): Promise<RemoteLook>
  /**
   * The bytes of a file from an offset to its end.
   * @throws ConnectorError `source_changed` when it is another one now, `table_missing`, `file_denied`, `connection_lost`.
   */
  read(file: RemoteFile, from: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}
