import { words as w } from '@huitong/contract'

/** What only the panel of changed tables says: it stays out of the dictionary that every page loads. */
export const DRIFT = {
  after: w('现在', 'Now'),
  approve: w('确认变化并继续', 'Approve and go on'),
  approveHelp: w(
    '确认以下变化是本部门有意为之。确认后，任务从断点继续（没有断点的重新全量）；传送的仍只是已授权的字段。',
    'You confirm that these changes are meant. The task then goes on from its position, or copies the whole anew when it has none; only the granted fields travel, as before.',
  ),
  approved: w('已确认，任务继续', 'Approved; the task goes on'),
  before: w('原来', 'Before'),
  field: w('字段', 'Field'),
  foundAt: w('发现于', 'Found'),
  hidden: w(
    '变化的内容由提供部门核对，确认后任务继续。',
    'The provider looks at what has changed; the task goes on when it is approved.',
  ),
  impact: w('查看这些字段的变更影响', 'See what a change of these fields touches'),
  kind: w('变化', 'Change'),
  'kind.added': w('新增', 'Added'),
  'kind.moved': w('位置变动', 'Moved'),
  'kind.removed': w('删除', 'Removed'),
  'kind.retyped': w('改类型', 'Other type'),
  needed: w('本任务是否使用', 'Used by this task'),
  neededNo: w('不使用', 'No'),
  neededYes: w('使用', 'Yes'),
  place: w('第 {place} 个', 'place {place}'),
  policy: w('表结构变化时', 'When the table changes'),
  'policy.evolve': w(
    '新增字段不停：自动登记并告知提供方；其他变化暂停',
    'Go on when fields are added, and tell the provider; stop for anything else',
  ),
  'policy.hold': w('任何变化都暂停，由提供方核对确认', 'Stop for any change until the provider approves'),
  'policy.ignore': w('只看本任务使用的字段，其他变化不停', 'Mind only the fields that this task uses'),
  policyHelp: w(
    '已授权的字段被删除或改了类型，总是暂停；未授权的字段从不传送。',
    'A granted field that is gone or has another type always stops the task; fields that are not granted never travel.',
  ),
  policyNow: w('表结构变化时：{policy}', 'When the table changes: {policy}'),
  title: w('库表结构已变化', 'The table has changed'),
} as const
