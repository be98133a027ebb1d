import { words as w } from '@huitong/contract'

/** What only the panel of a task that follows a log says: it stays out of the dictionary that every page loads. */
export const LOG = {
  releaseAt: w(
    '提供端正为本任务保留日志；若不恢复，将于此时释放，之后需重新同步：',
    'The provider keeps its log for this task. Unless it is resumed, it is released, and then has to be synchronised again:',
  ),
  resyncHelp: w(
    '在提供端建立新的日志起点，与接收表逐桶比对，只传送不同的行，随后从该起点继续。接收表会按提供端的数据改正。',
    'Makes a new beginning of the log at the provider, compares the receiving table with it, sends only the rows that differ, and goes on from there. The receiving table is put right.',
  ),
  truncateHelp: w(
    '提供部门清空了源表。确认后，接收表会在日志的同一位置被清空，随后的变更照常送达。',
    'The provider emptied the source table. When you approve, the receiving table is emptied at the same place of the log, and what came later follows.',
  ),
  truncateSure: w(
    '已与提供部门核实，确认清空接收表',
    'Confirmed with the provider: the receiving table is to be emptied',
  ),
} as const
