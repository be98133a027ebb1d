import { words as w } from '@huitong/contract'

/** What the statement of an exchange says: it stays out of the dictionary that every page loads. */
export const STATEMENT = {
  'statement.batchCount': w('批次数', 'Batches'),
  'statement.batches': w('批次与回执', 'Batches and receipts'),
  'statement.consumerReceipt': w('需求方回执摘要', 'Receipt of the consumer'),
  'statement.dataset': w('目录代码', 'Dataset code'),
  'statement.evidence': w('存证', 'Evidence'),
  'statement.grant': w('授权编号', 'Authorisation'),
  'statement.kind': w('类型', 'Kind'),
  'statement.matter': w('事项编码', 'Matter'),
  'statement.noRuns': w('期间内没有交换。', 'Nothing moved in this period.'),
  'statement.parties': w('双方与依据', 'Parties and basis'),
  'statement.print': w('打印', 'Print'),
  'statement.provider': w('提供部门', 'Provider'),
  'statement.receipt': w('平台回执摘要', 'Receipt of the platform'),
  'statement.runs': w('运行', 'Runs'),
  'statement.save': w('下载签名文件', 'Download the signed file'),
  'statement.signature': w('签名', 'Signature'),
  'statement.signatureHelp': w(
    '平台对本单的签名；改动任何一个字符，签名即告无效。',
    'The platform’s signature over this statement: any changed character breaks it.',
  ),
  'statement.startedAt': w('开始', 'Started'),
  'statement.toEvidence': w('查看存证', 'See the entry'),
  'statement.totals': w('合计', 'Totals'),
} as const
