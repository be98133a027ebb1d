import { words } from './words.ts'

/** Every permission, with the words that pages show. Roles are sets of these, kept as data. */
export const PERMISSIONS = {
  'person.manage': words('管理人员账号', 'Manage people'),
  'department.manage': words('管理部门与区划', 'Manage departments and regions'),
  'setting.manage': words('管理平台设置', 'Manage settings'),
  'role.assign': words('分配角色与权限', 'Assign roles'),
  'audit.read': words('查看审计记录', 'Read the audit log'),
  'audit.verify': words('核验审计存证', 'Verify the audit log against the ledger'),
  'directory.read': words('查看部门与人员名录', 'Read departments and people'),
  'catalogue.read': words('查看目录', 'Read the catalogue'),
  'dataset.compile': words('编制目录', 'Compile datasets'),
  'dataset.sign': words('签发目录', 'Sign dataset submissions'),
  'dataset.review': words('审核发布目录', 'Review and publish datasets'),
  'dataset.mount': words('挂接资源', 'Mount data to datasets'),
  'request.read': words('查看共享申请', 'Read access requests'),
  'request.make': words('提出共享申请', 'Make access requests'),
  'request.sign': words('签发共享申请', 'Sign access requests'),
  'request.check': words('形式审查共享申请', 'Check the form of requests'),
  'request.accept': words('受理共享申请', 'Accept requests'),
  'request.answer': words('答复共享申请', 'Answer requests'),
  'request.answer_sign': words('签发共享答复', 'Sign answers'),
  'request.configure': words('配置共享交换', 'Configure the exchange'),
  'request.confirm': words('确认共享结果', 'Confirm the delivery'),
  'request.template': words('设置审批流程', 'Set approval templates'),
  'grant.read': words('查看授权', 'Read grants'),
  'grant.revoke': words('撤销授权', 'Revoke grants'),
  'obligation.read': words('查看法定时限', 'Read legal deadlines'),
  'node.read': words('查看节点', 'Read nodes'),
  'node.manage': words('管理节点与数据源', 'Manage nodes and data sources'),
  'source.discover': words('探查数据源', 'Discover data sources'),
  'channel.read': words('查看交换任务', 'Read channels'),
  'channel.operate': words('运行交换任务', 'Operate channels'),
  'reconciliation.run': words('发起对账', 'Run reconciliations'),
  'repair.accept': words('确认对账修复', 'Accept repairs'),
  'service.read': words('查看共享接口', 'Read services'),
  'service.manage': words('管理共享接口', 'Manage services'),
  'service.credential': words('管理应用凭证', 'Manage application credentials'),
  'service.call.read': words('查看接口调用统计', 'Read statistics of service calls'),
  'quality.read': words('查看数据质量', 'Read data quality'),
  'quality.manage': words('管理质量规则与核验', 'Manage rules and checks'),
  'finding.read': words('查看问题数据', 'Read findings'),
  'work_order.handle': words('办理质量整改工单', 'Handle work orders'),
  'correction.make': words('提出校核申请', 'Apply for corrections'),
  'correction.answer': words('答复校核申请', 'Answer correction applications'),
  'violation.state': words('提交违规情况说明', 'Make statements on violations'),
  'violation.decide': words('认定疑似违规', 'Decide on suspected violations'),
  'asset.read': words('查看数据资产', 'Read data assets'),
  'preview.read': words('预览数据（脱敏）', 'Preview masked data'),
  'library.read': words('查询基础库', 'Look up base libraries'),
  'library.manage': words('设置基础库构成', 'Manage base libraries'),
  'evidence.read': words('查看存证', 'Read evidence'),
  'evidence.export': words('导出存证证明', 'Export proofs'),
  'alert.read': words('查看告警与故障', 'Read alerts and incidents'),
  'incident.handle': words('处置故障', 'Handle incidents'),
  'report.read': words('查看统计报表', 'Read the statistics report'),
  'health.read': words('查看运行状态', 'Read health'),
  'clock.shift': words('调整法定时间（演示）', 'Shift legal time (demo)'),
} as const

export type Permission = keyof typeof PERMISSIONS

const READERS = ['directory.read', 'catalogue.read', 'evidence.read', 'evidence.export'] as const
const PARTIES = [
  'request.read',
  'grant.read',
  'obligation.read',
  'channel.read',
  'node.read',
  'service.read',
  'service.call.read',
] as const

/**
 * The roles that a new platform starts with. They are written to the database once and edited there;
 * the golden role × endpoint matrix is made from this table.
 */
export const INITIAL_ROLES = {
  data_officer: {
    words: words('数据专员', 'Data officer'),
    scope: 'department',
    permissions: [
      ...READERS,
      ...PARTIES,
      'dataset.compile',
      'dataset.mount',
      'source.discover',
      'request.make',
      'request.answer',
      'request.confirm',
      'reconciliation.run',
      'repair.accept',
      'preview.read',
      'alert.read',
      'report.read',
      'quality.read',
      'finding.read',
      'work_order.handle',
      'correction.make',
      'correction.answer',
    ],
  },
  department_head: {
    words: words('部门负责人', 'Department head'),
    scope: 'department',
    permissions: [
      ...READERS,
      ...PARTIES,
      'dataset.sign',
      'request.sign',
      'request.answer_sign',
      'grant.revoke',
      'preview.read',
      'alert.read',
      'report.read',
      'quality.read',
      'violation.state',
    ],
  },
  authority: {
    words: words('主管部门', 'Authority'),
    scope: 'jurisdiction',
    permissions: [
      ...READERS,
      ...PARTIES,
      'dataset.review',
      'request.accept',
      'request.template',
      'grant.revoke',
      'asset.read',
      'preview.read',
      'alert.read',
      'report.read',
      'quality.read',
      'violation.decide',
    ],
  },
  data_centre: {
    words: words('大数据中心', 'Data centre'),
    scope: 'jurisdiction',
    permissions: [
      ...READERS,
      ...PARTIES,
      'request.check',
      'request.configure',
      'node.manage',
      'source.discover',
      'channel.operate',
      'reconciliation.run',
      'service.manage',
      'asset.read',
      'preview.read',
      'library.read',
      'library.manage',
      'alert.read',
      'incident.handle',
      'report.read',
      'health.read',
      'clock.shift',
      'quality.read',
      'quality.manage',
      'finding.read',
    ],
  },
  operator: {
    words: words('平台运维', 'Operator'),
    scope: 'jurisdiction',
    permissions: [
      'directory.read',
      'node.read',
      'channel.read',
      'service.read',
      'service.call.read',
      'asset.read',
      'alert.read',
      'incident.handle',
      'report.read',
      'health.read',
      'quality.read',
    ],
  },
  system_admin: {
    words: words('系统管理员', 'System administrator'),
    scope: 'jurisdiction',
    permissions: [
      'directory.read',
      'person.manage',
      'department.manage',
      'setting.manage',
      'alert.read',
      'health.read',
    ],
  },
  security_admin: {
    words: words('安全管理员', 'Security administrator'),
    scope: 'jurisdiction',
    permissions: ['directory.read', 'role.assign'],
  },
  audit_admin: {
    words: words('审计管理员', 'Audit administrator'),
    scope: 'jurisdiction',
    permissions: ['directory.read', 'audit.read', 'audit.verify', 'evidence.read', 'evidence.export'],
  },
  developer: {
    words: words('使用系统开发者', 'Developer'),
    scope: 'department',
    permissions: [
      'directory.read',
      'catalogue.read',
      'grant.read',
      'service.read',
      'service.credential',
      'service.call.read',
    ],
  },
} as const satisfies Record<
  string,
  {
    words: { zh: string; en: string }
    scope: 'department' | 'jurisdiction'
    permissions: readonly Permission[]
  }
>

export type RoleName = keyof typeof INITIAL_ROLES

/** The three administrators (三员): no person may hold two of them, nor one of them and a business role. */
export const THREE_ADMINISTRATORS: readonly string[] = ['system_admin', 'security_admin', 'audit_admin']
