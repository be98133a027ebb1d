import type { HeldRows } from '@huitong/contract/work'

type Reason = HeldRows['listed'][number]['reason']

/** Why a file stays where it is. */
const FILE_REASONS: Readonly<Partial<Record<Reason, { zh: string; en: string }>>> = {
  name: { zh: '文件名不能交换', en: 'its name cannot travel' },
  link: { zh: '是链接', en: 'is a link' },
  special: { zh: '不是普通文件', en: 'is no plain file' },
  unreadable: { zh: '没有读取权限或读取出错', en: 'cannot be read' },
  changing: { zh: '读取时发生变化', en: 'changed while it was read' },
  digest: { zh: '与旁边的摘要不符', en: 'is not of the digest beside it' },
}
const NAMED_MAX = 3

/** The problem of rows or files that are held, as a channel keeps it; null when there are none. */
export function heldProblem(mode: string, held: HeldRows, now: Date): string | null {
  if (held.rows === '0') return null
  const message =
    mode === 'files'
      ? filesHeld(held)
      : {
          zh: `有 ${held.rows} 行缺少更新时间或操作标识无法识别，未能同步`,
          en: `${held.rows} rows without a usable update time or operation could not be followed`,
        }
  return JSON.stringify({ code: mode === 'files' ? 'files.held' : 'changes.held', message, at: now.toISOString() })
}

function filesHeld({ rows, listed }: HeldRows): { zh: string; en: string } {
  const named = listed
    .slice(0, NAMED_MAX)
    .map(({ key, reason }) => ({ path: key[0] ?? '', reason: FILE_REASONS[reason] }))
  const zh = named.map(({ path, reason }) => `${path}（${reason?.zh ?? ''}）`).join('、')
  const en = named.map(({ path, reason }) => `${path} (${reason?.en ?? ''})`).join(', ')
  return {
    zh: `有 ${rows} 个文件未能传送：${zh}`,
    en: `${rows} files could not be sent: ${en}`,
  }
}
