import { hash, verify } from '@node-rs/argon2'
import { place, refuse } from '../../kernel/errors.ts'

/** OWASP's first choice for argon2id (algorithm 2): 19 MiB, two passes, one lane. */
const OPTIONS = { algorithm: 2 as const, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const LENGTH_MIN = 8
const LENGTH_MIN_ADMINISTRATOR = 10
const CLASSES_MIN = 3
/** Earlier passwords that may not come back (等保 practice). */
export const EARLIER_MAX = 5

export const hashPassword = (password: string) => hash(password, OPTIONS)

let dummy: Promise<string> | null = null

/** Checks a password; for an unknown account it does the same work, so that the time tells nothing. */
export async function checkPassword(stored: string | null, password: string): Promise<boolean> {
  dummy ??= hashPassword('no account has this password')
  const matches = await verify(stored ?? (await dummy), password)
  return stored !== null && matches
}

/** Holds the password policy; refuses naming each thing that is missing. */
export function requireStrong(
  password: string,
  account: string,
  options: { administrator: boolean; path: string },
): void {
  const lengthMin = options.administrator ? LENGTH_MIN_ADMINISTRATOR : LENGTH_MIN
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/].filter((one) => one.test(password)).length
  const places = [
    ...([...password].length < lengthMin
      ? [place(options.path, `至少 ${lengthMin} 个字符`, `at least ${lengthMin} characters`)]
      : []),
    ...(classes < CLASSES_MIN
      ? [place(options.path, '须含大写、小写、数字、符号中的三类', 'three of: upper case, lower case, digits, symbols')]
      : []),
    ...(password.toLowerCase().includes(account.toLowerCase())
      ? [place(options.path, '不得包含账号', 'must not contain the account name')]
      : []),
  ]
  if (places.length > 0) refuse('password.weak', { places })
}
