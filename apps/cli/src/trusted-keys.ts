import { LedgerError, parseVerifierKey } from '@huitong/ledger'
import { readFile } from 'node:fs/promises'
import { UsageError, oneLine } from './command.ts'

/** Reads a file that the user named. Throws UsageError when it cannot be read. */
export async function readNamedFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const reason = error instanceof Error ? oneLine(error.message) : ''
    throw new UsageError(`无法读取文件 ${oneLine(path)}：${reason}`, `Cannot read ${oneLine(path)}: ${reason}`)
  }
}

/**
 * The verifier keys of `--key` (may be repeated) and of the lines of `--key-file`, where blank lines and lines starting
 * with `#` are skipped. Throws UsageError when there is none or one is malformed.
 */
export async function trustedKeys(keys: readonly string[], files: readonly string[]): Promise<string[]> {
  const all = [...keys]
  for (const file of files) {
    const lines = (await readNamedFile(file)).toString('utf8').split(/\r?\n/)
    all.push(...lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')))
  }
  if (all.length === 0) {
    throw new UsageError(
      '请用 --key 或 --key-file 给出您信任的日志公钥；证明文件自带的公钥不能证明它自己',
      'Name the log key that you trust with --key or --key-file; the key inside a bundle cannot vouch for itself',
    )
  }
  for (const key of all) {
    try {
      parseVerifierKey(key)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      throw new UsageError(`公钥格式不正确：${oneLine(key)}`, `Malformed verifier key: ${oneLine(key)}`)
    }
  }
  return all
}
