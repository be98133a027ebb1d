import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

interface AccountsFile {
  readonly city: string
  readonly password: string
  readonly accounts: readonly {
    readonly account: string
    readonly department: string
    readonly role: { readonly zh: string; readonly en: string }
  }[]
}

const WAIT_MS_MAX = 60_000
const LOOK_MS = 200
/** The rest of the departments have the same two accounts each. */
const SHOWN_MAX = 11

/**
 * The demonstration's accounts in a few lines for people, as soon as its builder has written them; where they stand when
 * that takes longer than a minute.
 */
export async function demoAccounts(dataDir: string, waitMsMax = WAIT_MS_MAX): Promise<string[]> {
  const path = join(dataDir, 'demo', 'accounts.json')
  const until = performance.now() + waitMsMax
  while (!existsSync(path)) {
    if (performance.now() > until) return [`演示账号 demo accounts: ${path}`]
    await sleep(LOOK_MS)
  }
  const file = JSON.parse(readFileSync(path, 'utf8')) as AccountsFile
  const rest = file.accounts.length - SHOWN_MAX
  return [
    `演示城市 demo city: ${file.city}`,
    `演示账号 demo accounts（密码 password: ${file.password}）`,
    ...file.accounts
      .slice(0, SHOWN_MAX)
      .map(({ account, department, role }) => `  ${account.padEnd(18)}${role.zh}（${department}）· ${role.en}`),
    ...(rest > 0 ? [`  其余 ${rest} 个见 the other ${rest}: ${path}`] : []),
  ]
}
