import { CHECKPOINT_PATH, fsck, localTileStore, parseVerifierKey } from '@huitong/ledger'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EXIT_OK, EXIT_REFUSED, UsageError, oneLine, printFacts } from './command.ts'
import type { Command } from './command.ts'
import { readNamedFile, trustedKeys } from './trusted-keys.ts'

/** `huitong fsck`: rechecks every bundle and tile of a log folder against a signed checkpoint. Changes nothing. */
export const fsckCommand: Command = {
  name: 'fsck',
  usage: 'fsck <log folder> (--key <verifier key> | --key-file <file>)… [--checkpoint <file>]',
  words: {
    zh: '全量复核日志；--checkpoint 用另行保存的检查点核对',
    en: 'recheck a whole log; --checkpoint compares with one that was kept elsewhere',
  },
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string', multiple: true },
        'key-file': { type: 'string', multiple: true },
        checkpoint: { type: 'string' },
      },
    })
    const [folder] = positionals
    if (folder === undefined || positionals.length !== 1) {
      throw new UsageError('请给出一个日志目录', 'Name one log folder')
    }
    const found = await stat(folder).catch(() => undefined)
    if (found?.isDirectory() !== true) {
      throw new UsageError(`不是目录：${oneLine(folder)}`, `Not a folder: ${oneLine(folder)}`)
    }
    const verifiers = (await trustedKeys(values.key ?? [], values['key-file'] ?? [])).map(parseVerifierKey)
    const checkpoint = await readNamedFile(values.checkpoint ?? join(folder, CHECKPOINT_PATH))
    const store = localTileStore(folder)
    const result = await fsck({ fetch: (path) => store.fetch(path), checkpoint, verifiers })
    if (!result.ok) {
      console.log(`日志有问题：${result.words.zh}`)
      console.log(`The log is damaged: ${result.words.en}`)
      printFacts([
        ['代码 code', result.code],
        ['文件 file', result.path],
        ...(result.index === undefined ? [] : [['首个错误序号 first bad index', String(result.index)] as const]),
        ['详情 detail', result.detail],
      ])
      return EXIT_REFUSED
    }
    console.log('日志完好：全部条目与哈希均与签名的检查点一致。')
    console.log('The log is whole: every entry and hash agrees with the signed checkpoint.')
    printFacts([
      ['日志 log', result.origin],
      ['高度 height', String(result.size)],
      ['根哈希 root', result.root],
      ['条目文件 bundles', String(result.bundles)],
      ['哈希文件 tiles', String(result.tiles)],
    ])
    return EXIT_OK
  },
}
