import { words as w } from '@huitong/contract'

/** What only this form says: it stays out of the dictionary that every page loads. */
export const CONSENT = {
  file: w('扫描件（PDF、PNG 或 JPEG，不超过 5 MB）', 'Scan (PDF, PNG or JPEG, 5 MB at most)'),
  help: w(
    '没有在有效期内的书面同意，不能挂接、配置或启动；到期后任务自动停止。',
    'Without one in force nothing is mounted, configured or started; tasks stop when it runs out.',
  ),
  inForce: w('有效', 'In force'),
  none: w('还没有书面同意。', 'No written consent yet.'),
  number: w('文号', 'Number'),
  over: w('不在有效期', 'Not in force'),
  register: w('登记', 'Register'),
  signedBy: w('签署人', 'Signed by'),
  state: w('状态', 'State'),
  title: w('书面同意', 'Consent'),
  validFrom: w('生效日期', 'Valid from'),
  validUntil: w('有效期至', 'Valid until'),
} as const
