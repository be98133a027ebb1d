import type { DatabaseConnector } from '@huitong/connectors'
import { readFile } from 'node:fs/promises'
import { type Command, EXIT_OK, EXIT_REFUSED, oneLine, UsageError } from './command.ts'

type Settings = object & { readonly password: string }
const KINDS = 'postgresql, mysql, kingbase, gaussdb'
const SECRET = 'never-to-be-shown'

/** `huitong connector check`: tries a connector on a server of one's own, and tells case by case what it does not pass. */
export const connectorCommand: Command = {
  name: 'connector',
  usage: 'connector check <kind> <settings.json>',
  words: {
    zh: `在自己的数据库上逐项检验连接器（${KINDS}）；会建立 huitong_check_ 开头的表`,
    en: `try a connector (${KINDS}) on a database of one's own, case by case; makes tables huitong_check_…`,
  },
  async run([act, kind, path, ...more]) {
    if (act !== 'check' || kind === undefined || path === undefined || more.length > 0)
      throw new UsageError('请写 check、类别和设置文件', 'Say check, a kind and a file of settings')
    // No other command has drivers of databases to load.
    const { checkConnector, ConnectorError, ...connectors } = await import('@huitong/connectors')
    const { checkSettings, postgresql, mysql, kingbase, gaussdb } = connectors
    const connector = [postgresql, mysql, kingbase, gaussdb].find((one) => one.describe().kind === kind) as
      | DatabaseConnector<Settings>
      | undefined
    if (connector === undefined) throw new UsageError(`没有类别 ${oneLine(kind)}`, `No kind ${oneLine(kind)}`)
    const detailOf = (error: unknown) =>
      oneLine(error instanceof ConnectorError ? `${error.code}: ${error.detail}` : String(error)).slice(0, 500)
    const text = await readFile(path, 'utf8').catch(() => {
      throw new UsageError(`无法读取 ${oneLine(path)}`, `Cannot read ${oneLine(path)}`)
    })
    let settings: Settings
    try {
      settings = checkSettings(connector, JSON.parse(text))
    } catch (error) {
      // The file holds a password: what is wrong is told by its places, never by its text.
      const detail = error instanceof ConnectorError ? error.detail : 'no JSON'
      throw new UsageError(`设置文件不正确：${oneLine(detail)}`, `Wrong file of settings: ${oneLine(detail)}`)
    }
    // Nothing listens there.
    const broken = { settings: { ...settings, host: '127.0.0.1', port: 1, password: SECRET }, secret: SECRET }
    let failed = 0
    for await (const { name, error } of checkConnector(connector, settings, broken)) {
      console.log(error === null ? `✓ ${name}` : `✗ ${name}: ${detailOf(error)}`)
      if (error !== null) failed++
    }
    console.log(failed === 0 ? '全部通过 all passed' : `未通过 ${failed} 项 ${failed} not passed`)
    return failed === 0 ? EXIT_OK : EXIT_REFUSED
  },
}
