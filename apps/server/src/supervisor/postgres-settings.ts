import { statfsSync } from 'node:fs'

/** `platform`: our own tables. `departments`: the demonstration's departments, whose changes are read by decoding. */
export type TunedFor = 'platform' | 'departments'

/** Below this /dev/shm (containers often get 64 MiB) parallel queries fail, so mapped files are used instead. */
const SHM_BYTES_MIN = 512 * 1024 * 1024

const COMMON = {
  listen_addresses: '127.0.0.1',
  max_connections: '200',
  superuser_reserved_connections: '3',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  effective_cache_size: '2GB',
  random_page_cost: '1.1',
  jit: 'off',
  // This build has only PostgreSQL's own compression: building an index takes more than twice as long with it.
  wal_compression: 'off',
  checkpoint_timeout: '10min',
  checkpoint_completion_target: '0.9',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] %q%u@%d ',
  log_lock_waits: 'on',
  log_checkpoints: 'on',
  log_min_duration_statement: '5s',
  track_io_timing: 'on',
}

const TUNED: Record<TunedFor, Record<string, string>> = {
  platform: { max_wal_size: '2GB', min_wal_size: '128MB', wal_level: 'replica' },
  departments: {
    max_wal_size: '4GB',
    min_wal_size: '128MB',
    wal_level: 'logical',
    max_replication_slots: '32',
    max_wal_senders: '32',
    max_slot_wal_keep_size: '4GB',
  },
}

/** PostgreSQL settings for a use; `durable: false` (tests only) gives up surviving a crash of the machine. */
export function postgresSettings(tunedFor: TunedFor, port: number, durable: boolean): Record<string, string> {
  const durability = durable
    ? { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }
    : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
  return { ...COMMON, ...TUNED[tunedFor], ...durability, ...sharedMemory(), port: String(port) }
}

function sharedMemory(): Record<string, string> {
  if (process.platform !== 'linux') return {}
  try {
    const shm = statfsSync('/dev/shm')
    return { dynamic_shared_memory_type: shm.blocks * shm.bsize >= SHM_BYTES_MIN ? 'posix' : 'mmap' }
  } catch {
    return { dynamic_shared_memory_type: 'mmap' }
  }
}

/** The settings as arguments of `postgres`. */
export function settingArguments(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
