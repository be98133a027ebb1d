import { DuckDBInstance } from '@duckdb/node-api'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineSettings } from './settings.ts'

/** A DuckDB with the limits of the worker; `close` ends it and removes what it spilt. */
export interface Database {
  readonly instance: DuckDBInstance
  close(): void
}

/**
 * Opens a database of its own. What does not fit into memory is spilt into a folder of its own: two databases in one folder give
 * their files the same names, and read each other's.
 */
export async function openDatabase(settings: EngineSettings): Promise<Database> {
  mkdirSync(settings.spillFolder, { recursive: true, mode: 0o700 })
  const spill = mkdtempSync(join(settings.spillFolder, 'database-'))
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${settings.memoryMb}MB`,
    threads: String(settings.threads),
    temp_directory: spill,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  return {
    instance,
    close() {
      instance.closeSync()
      rmSync(spill, { recursive: true, force: true })
    },
  }
}
