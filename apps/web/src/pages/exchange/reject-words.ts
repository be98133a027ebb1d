import { words as w } from '@huitong/contract'

/** What only the list of records that were set aside says. */
export const REJECTS = {
  tab: w('拒收表', 'Reject table'),
  help: w(
    '最近一次全量中未能读入的记录。请由提供部门更正文件后重新全量。',
    'Records that the latest copy could not read. The provider mends the file, and it is copied anew.',
  ),
  hidden: w('记录内容仅提供部门本部门人员可见。', 'The records themselves are seen by the providing department alone.'),
  none: w('没有拒收的记录', 'No record was set aside'),
  file: w('文件', 'File'),
  line: w('行号', 'Line'),
  column: w('字段', 'Column'),
  reason: w('原因', 'Reason'),
  raw: w('原始内容', 'Record'),
  cut: w('（后略）', '(cut)'),
  download: w('下载 CSV', 'Download as CSV'),
  rejected: w('拒收', 'Set aside'),
} as const
