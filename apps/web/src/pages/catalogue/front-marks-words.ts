import { words as w } from '@huitong/contract'

/** What only the part on marks and clean-up of a push table says. */
export const FRONT_MARKS = {
  title: w('交换标记与清理', 'Exchange marks and clean-up'),
  help: w(
    '一行数据经平台核验、并由全部交换任务入库之后，节点才在推送表写交换标记；读取后被部门改动的行不标记，下次再取。',
    'A row is marked in the push table once the platform has verified it and every task has applied it. A row that the department changed after it was read is not marked and is taken again.',
  ),
  marked: w('已标记行数', 'Rows marked'),
  unmarked: w('未标记行数', 'Rows not marked'),
  oldest: w('最早未标记的行', 'Oldest row not marked'),
  cleaned: w('已清理行数', 'Rows cleaned'),
  lastMarked: w('最近标记', 'Last marked'),
  lastCleaned: w('最近清理', 'Last cleaned'),
  looked: w('以上数字统计于', 'Figures as of'),
  policy: w('清理策略', 'Clean-up policy'),
  never: w('不清理', 'Never'),
  after: w('取走满 {days} 天后清理已删除的行', 'Deleted rows go {days} days after they were taken'),
  set: w('设置清理策略', 'Set the clean-up policy'),
  clean: w('由节点清理', 'The node cleans'),
  days: w('取走后保留天数', 'Days kept after a row was taken'),
  cleanHelp: w(
    '只清理部门已标记删除（操作标识 D）且已写交换标记的行，分批进行；仍有效的行从不清理。已停止的任务未读到的行保留。节点账号须有删除权限。',
    'Only rows that the department has marked as deleted (operation D) and that carry an exchange mark are removed, in batches; rows that are valid never are. What a stopped task has not read stays. The account of the node needs the right to delete.',
  ),
  notCleanable: w('未登记操作标识字段，不能清理', 'No operation field is named: nothing can be cleaned'),
  tasks: w('依据的交换任务', 'Tasks that take from it'),
  noTasks: w(
    '还没有按更新时间增量的任务，暂不标记',
    'No task follows the table by its update time yet: nothing is marked',
  ),
  field: w('交换标记字段', 'Field of the mark'),
  problem: w('未能标记或清理', 'Marking or clean-up failed'),
} as const
