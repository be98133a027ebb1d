import { ferryWords, type Inspected, inspectFolder, missingOf, writeCarried } from '@huitong/ferry'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, EXIT_OK, EXIT_REFUSED, oneLine, UsageError } from './command.ts'

/** `huitong ferry`: what a folder or a medium holds, and carrying it by hand. Needs no key: it opens nothing. */
export const ferryCommand: Command = {
  name: 'ferry',
  usage: 'ferry list <folder> | ferry copy <from> <to>',
  words: {
    zh: '查看摆渡目录或介质里的文件（缺号、损坏），或把其中完好的复制到另一目录',
    en: 'tell what a folder or medium of ferried files holds, lacks and has damaged; or copy what is whole',
  },
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} })
    const [act, from, to] = positionals
    if (act === 'list' && from !== undefined && positionals.length === 2) return list(await look(from))
    if (act === 'copy' && from !== undefined && to !== undefined && positionals.length === 3) {
      await requireFolder(to)
      return copy(await look(from), from, to)
    }
    throw new UsageError('请写 list 和一个目录，或 copy 和两个目录', 'Say list and a folder, or copy and two folders')
  },
}

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory() !== true)
    throw new UsageError(`不是目录：${oneLine(path)}`, `Not a folder: ${oneLine(path)}`)
}

async function look(folder: string): Promise<Inspected[]> {
  await requireFolder(folder)
  return inspectFolder(folder)
}

/** One line a file, then what is missing; refused when anything is wrong. */
function list(files: readonly Inspected[]): number {
  for (const { name, header, fault } of files) {
    const facts = header === null ? '' : ` ${header.kind} ${header.at} ${header.bytes}`
    const { zh, en } = fault === null ? { zh: '完好', en: 'whole' } : ferryWords(fault)
    console.log(`${oneLine(name + facts)}  ${zh} ${en}`)
  }
  const missing = missingOf(files)
  for (const { node, direction, numbers } of missing)
    console.log(`缺 Missing (${oneLine(node)} ${direction}): ${numbers.join(', ')}`)
  const bad = files.filter(({ fault }) => fault !== null).length
  console.log(
    `文件 files: ${files.length}，有问题 not whole: ${bad}，缺号 missing: ${missing.length === 0 ? 0 : '见上 above'}`,
  )
  return bad + missing.length === 0 ? EXIT_OK : EXIT_REFUSED
}

/** Copies what is whole, each under a hidden name until it is on the disk; what is there already with the same content stays. */
async function copy(files: readonly Inspected[], from: string, to: string): Promise<number> {
  let copied = 0
  for (const { name, fault } of files) {
    if (fault !== null) continue
    const bytes = await readFile(join(from, name))
    const there = await readFile(join(to, name)).catch(() => null)
    if (there?.equals(bytes) === true) continue
    await writeCarried(to, name, bytes)
    copied++
  }
  console.log(`已复制 copied: ${copied}`)
  return list(files)
}
