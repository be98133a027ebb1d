import { keyIdOf, verifyBytes } from '@huitong/segment'
import { parseArgs } from 'node:util'
import { type Command, EXIT_OK, EXIT_REFUSED, oneLine, printFacts, UsageError } from './command.ts'
import { readNamedFile } from './trusted-keys.ts'

/** What the platform signs for people, and the domain in which it signs each: one kind never passes as another. */
const DOMAINS: Readonly<Record<string, string>> = {
  grant: 'huitong/grant/v1',
  reconciliation: 'huitong/reconciliation/v1',
  statement: 'huitong/statement/v1',
}
const FILE_BYTES_MAX = 64 * 1024 * 1024

interface SignedFile {
  readonly document: string
  readonly signature: string
}

/** `huitong verify-document`: checks offline what was downloaded with its signature: a statement, a report, a grant. */
export const verifyDocumentCommand: Command = {
  name: 'verify-document',
  usage: `verify-document <file.json> --as ${Object.keys(DOMAINS).join('|')} --key <platform key>`,
  words: {
    zh: '离线验证平台签名的对账单、对账报告或授权',
    en: 'verify a statement, a reconciliation report or a grant that the platform signed, offline',
  },
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { as: { type: 'string' }, key: { type: 'string' } },
    })
    const [path] = positionals
    if (path === undefined || positionals.length !== 1) throw new UsageError('请给出一个文件', 'Name one file')
    const domain = Object.hasOwn(DOMAINS, values.as ?? '') ? DOMAINS[values.as!] : undefined
    if (domain === undefined) throw new UsageError('请用 --as 说明文件的种类', 'Say with --as what it is')
    const key = trustedKey(values.key)
    const { document, signature } = readSigned(await readNamedFile(path))
    if (!verifyBytes(key, domain, Buffer.from(document, 'utf8'), signature)) {
      console.log('验证未通过：不是该公钥对这一种文件的签名，或内容已被改动。')
      console.log('Not verified: not a signature of this key over such a document, or the content was changed.')
      return EXIT_REFUSED
    }
    console.log('验证通过：内容与平台签名时逐字节一致。')
    console.log('Verified: the content is byte for byte what the platform signed.')
    printFacts([['公钥编号 key', keyIdOf(key)], ...factsOf(document)])
    return EXIT_OK
  },
}

function trustedKey(given: string | undefined): string {
  if (given === undefined) {
    throw new UsageError(
      '请用 --key 给出您信任的平台公钥；文件自带的编号不能证明它自己',
      'Name the platform key that you trust with --key; what a file says of its key cannot vouch for itself',
    )
  }
  if (!/^[A-Za-z0-9+/]{43}=$/.test(given))
    throw new UsageError(`公钥格式不正确：${oneLine(given)}`, `Malformed key: ${oneLine(given)}`)
  return given
}

function readSigned(bytes: Buffer): SignedFile {
  if (bytes.byteLength > FILE_BYTES_MAX)
    throw new UsageError('文件过大', `The file is larger than ${FILE_BYTES_MAX} bytes`)
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<SignedFile> | null
    if (typeof value?.document === 'string' && typeof value.signature === 'string') return value as SignedFile
  } catch {
    // Told below.
  }
  throw new UsageError(
    '不是带签名的文件：需要 document 和 signature',
    'Not a signed file: it needs document and signature',
  )
}

/** The plain values at the top of the document. It is signed, but it may have been made to look like something else. */
function factsOf(document: string): [string, string][] {
  const content: unknown = JSON.parse(document)
  if (typeof content !== 'object' || content === null) return []
  return Object.entries(content).flatMap(([name, value]): [string, string][] =>
    ['string', 'number', 'boolean'].includes(typeof value) ? [[oneLine(name), String(value)]] : [],
  )
}
