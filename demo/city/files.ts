import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { City } from './city.ts'

/** Where the demonstration keeps its own files in the data folder. */
export const demoFile = (dataDir: string, name: string): string => join(dataDir, 'demo', name)

/** Writes a file whole or not at all, readable by its owner only. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.half`, text, { mode: 0o600 })
  renameSync(`${path}.half`, path)
}

/** Reads JSON, or null when the file is not there. */
export function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** The accounts of the demonstration as `<data>/demo/accounts.json` holds them. */
export interface AccountsFile {
  readonly city: string
  readonly password: string
  readonly accounts: readonly {
    readonly account: string
    readonly name: string
    readonly department: string
    readonly role: { readonly zh: string; readonly en: string }
  }[]
}

export function writeAccounts(dataDir: string, city: City): void {
  const names = new Map(city.departments.map((one) => [one.key, one.name]))
  const accounts = city.people.map(({ account, name, department, roleWords }) => {
    return { account, name, department: names.get(department)!, role: roleWords }
  })
  const file: AccountsFile = { city: `${city.province.name}${city.division.name}`, password: city.password, accounts }
  writePrivate(demoFile(dataDir, 'accounts.json'), `${JSON.stringify(file, null, 2)}\n`)
}
