import { PROOF_BUNDLE_BYTES_MAX, verifyBundle } from '@huitong/ledger'
import { parseArgs } from 'node:util'
import { EXIT_OK, EXIT_REFUSED, UsageError, printFacts } from './command.ts'
import type { Command } from './command.ts'
import { readNamedFile, trustedKeys } from './trusted-keys.ts'

/** `huitong verify`: checks a proof bundle offline. It opens no connection and reads only the files it is given. */
export const verifyCommand: Command = {
  name: 'verify',
  usage: 'verify <bundle.json> (--key <verifier key> | --key-file <file>)…',
  words: {
    zh: '离线验证存证证明文件',
    en: 'verify a proof bundle offline',
  },
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { key: { type: 'string', multiple: true }, 'key-file': { type: 'string', multiple: true } },
    })
    const [path] = positionals
    if (path === undefined || positionals.length !== 1) {
      throw new UsageError('请给出一个证明文件', 'Name one bundle file')
    }
    const keys = await trustedKeys(values.key ?? [], values['key-file'] ?? [])
    const bytes = await readNamedFile(path)
    if (bytes.byteLength > PROOF_BUNDLE_BYTES_MAX) {
      throw new UsageError('证明文件过大', `The bundle is larger than ${PROOF_BUNDLE_BYTES_MAX} bytes`)
    }
    const result = verifyBundle(bytes, keys)
    if (!result.ok) {
      console.log(`验证未通过：${result.words.zh}`)
      console.log(`Not verified: ${result.words.en}`)
      printFacts([
        ['代码 code', result.code],
        ['位置 place', result.place === '' ? '(file)' : result.place],
        ['详情 detail', result.detail],
      ])
      return EXIT_REFUSED
    }
    console.log('验证通过：该存证在您信任的日志中，披露内容与存证时一致。')
    console.log('Verified: the entry is in the log that you trust, and the disclosed content is what was recorded.')
    printFacts([
      ['日志 log', result.origin],
      ['高度 height', String(result.size)],
      ['序号 index', String(result.index)],
      ['根哈希 root', result.root],
      ['签名 signed by', result.signedBy.join(', ')],
      ['时间 time', result.entry.time],
      ['事项 type', result.entry.type],
      ['主体 actor', result.entry.actor],
      ['对象 object', result.entry.object],
      ['披露内容 disclosed', JSON.stringify(result.payload)],
    ])
    return EXIT_OK
  },
}
