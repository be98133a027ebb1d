import { CONNECTOR_WORDS } from '@huitong/connectors'
import { ERRORS, type Words } from '@huitong/contract'
import { NODE_PROBLEMS, type NodeLogLine } from '@huitong/contract/nodes'

const CONNECTOR = 'connector.'
const NO_REPLY: Words = { zh: '无法连接平台', en: 'The platform cannot be reached' }

/** What the codes of some lines say to people; of one that this platform does not know there is nothing. */
export function codesOf(lines: readonly NodeLogLine[]): Record<string, Words> {
  const codes = new Set(lines.flatMap(({ code }) => code ?? []))
  return Object.fromEntries(
    [...codes].flatMap((code) => {
      const words = wordsOf(code)
      return words === null ? [] : [[code, words]]
    }),
  )
}

function wordsOf(code: string): Words | null {
  if (code === 'network') return NO_REPLY
  if (Object.hasOwn(ERRORS, code)) return ERRORS[code as keyof typeof ERRORS].words
  if (Object.hasOwn(NODE_PROBLEMS, code)) return NODE_PROBLEMS[code as keyof typeof NODE_PROBLEMS]
  const name = code.startsWith(CONNECTOR) ? code.slice(CONNECTOR.length) : ''
  return Object.hasOwn(CONNECTOR_WORDS, name) ? CONNECTOR_WORDS[name as keyof typeof CONNECTOR_WORDS] : null
}
