#!/usr/bin/env node
import { EXIT_OK, EXIT_USAGE, UsageError, oneLine } from './command.ts'
import type { Command } from './command.ts'
import { connectorCommand } from './connector.ts'
import { ferryCommand } from './ferry.ts'
import { fsckCommand } from './fsck.ts'
import { verifyCommand } from './verify.ts'
import { verifyDocumentCommand } from './verify-document.ts'

/** Every command; a new one is one line here and one file beside. */
const COMMANDS: readonly Command[] = [verifyCommand, verifyDocumentCommand, fsckCommand, ferryCommand, connectorCommand]

function help(): string {
  const lines = COMMANDS.map(({ usage, words }) => `  huitong ${usage}\n      ${words.zh}\n      ${words.en}`)
  return `用法 Usage:\n${lines.join('\n')}`
}

function isArgumentError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(help())
    return EXIT_OK
  }
  const command = COMMANDS.find((candidate) => candidate.name === name)
  try {
    if (name === undefined) throw new UsageError('请给出命令', 'Name a command')
    if (command === undefined) throw new UsageError(`没有命令 ${oneLine(name)}`, `No command ${oneLine(name)}`)
    return await command.run(rest)
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.words.zh}\n${error.words.en}`)
    else if (isArgumentError(error)) console.error(`参数不正确：${oneLine(error.message)}`)
    else throw error
    console.error(command === undefined ? help() : `用法 Usage: huitong ${command.usage}`)
    return EXIT_USAGE
  }
}

process.exitCode = await main(process.argv.slice(2))
