export { type Durable, durable } from './durable.ts'
export { FatalDurabilityError, StorageError, type StorageErrorCode } from './errors.ts'
export { localObjectStore, type LocalObjectStoreOptions } from './local.ts'
export type { ByteRange, Expected, ListPage, ObjectHead, ObjectStore, UploadState } from './object-store.ts'
