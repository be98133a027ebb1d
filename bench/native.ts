import { execFileSync, spawn } from 'node:child_process'

export const NATIVE_NAME = 'psql COPY csv | psql COPY csv'

/** Asks for psql in plain words when it is missing. */
export function requirePsql(): void {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' })
  } catch {
    console.error('需要 psql 作为对照：请安装 Debian 软件包 postgresql-client（apt-get install postgresql-client）')
    console.error('psql is needed as the native tool: install the Debian package postgresql-client')
    process.exit(2)
  }
}

/** Copies a table by two psql processes through a pipe; seconds. The target exists, empty, with the same key. */
export async function nativeCopy(source: string, select: string, target: string, table: string): Promise<number> {
  const begun = performance.now()
  const reader = spawn('psql', ['-X', '-q', '-d', source, '-c', `copy (${select}) to stdout (format csv)`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const writer = spawn('psql', ['-X', '-q', '-d', target, '-c', `copy ${table} from stdin (format csv)`], {
    stdio: [reader.stdout, 'ignore', 'inherit'],
  })
  const ended = (child: typeof reader | typeof writer) =>
    new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 1))
    })
  const codes = await Promise.all([ended(reader), ended(writer)])
  if (codes.some((code) => code !== 0)) throw new Error(`psql ended with ${codes.join(', ')}`)
  return (performance.now() - begun) / 1000
}
