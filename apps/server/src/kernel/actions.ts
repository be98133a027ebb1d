import type { Words } from '@huitong/contract'

/** Acts of the platform itself (jobs, subscribers), with the words under which evidence shows them. */
export const SYSTEM_ACTIONS: Readonly<Record<string, Words>> = {
  'job.deadline_watch': { zh: '时限超期登记', en: 'Deadline passed' },
  'job.verify_segment': { zh: '批次核验', en: 'Segment verified' },
  'job.write_lake': { zh: '批次写入归集层', en: 'Segment written to the lake' },
  'job.mark_front_table': { zh: '前置推送表标记与清理', en: 'Marks and clean-up of a push table' },
  'job.release_log': { zh: '变更日志释放', en: 'Log released at the source' },
  'job.keep_position': { zh: '变更断点登记', en: 'Position of a log kept' },
  'job.watch_consents': { zh: '书面同意到期停止', en: 'Stopped for want of consent' },
  'job.clean_uploads': { zh: '中断的上传清理', en: 'Abandoned upload removed' },
  'job.begin_reconciliation': { zh: '自动对账启动', en: 'Comparison begun by itself' },
  'job.begin_increment': { zh: '变更批次启动', en: 'Increment begun' },
  'job.search_refresh': { zh: '检索索引更新', en: 'Search index brought up' },
  'job.seed_standards': { zh: '写入国家标准代码集与数据元', en: 'National code sets and elements written' },
  'job.run_check': { zh: '质量核验完成', en: 'Check of quality ended' },
  'event.violation_of_overdue': { zh: '超期生成疑似违规', en: 'Suspected violation raised' },
  'job.seal_calls': { zh: '接口调用存证', en: 'Service calls sealed' },
  'job.watch_calls': { zh: '接口调用异常暂停', en: 'Service suspended for unusual calls' },
  'job.landing_count': { zh: '落地数据计数', en: 'Landed table counted' },
  'job.alert_watch': { zh: '告警与故障登记', en: 'Alerts and incidents recorded' },
  'event.channel_follows_request': { zh: '交换任务随申请推进', en: 'Channel followed the request' },
  'event.exchange_marks': { zh: '前置推送表标记与清理结果', en: 'Marked and cleaned in a push table' },
  'event.exchange_progress': { zh: '交换任务推进', en: 'Channel moved on' },
  'event.standards_of_jurisdiction': {
    zh: '写入法定时限与国家标准',
    en: 'Deadlines and standards of the jurisdiction written',
  },
  'event.catalogue_of_jurisdiction': { zh: '写入审批流程', en: 'Approval templates written' },
  'event.request_follows_exchange': { zh: '共享申请随交换推进', en: 'Request followed the exchange' },
  'event.discovery_result': { zh: '数据源探查结果入库', en: 'Discovery recorded' },
  'event.reconciliation_work': { zh: '对账任务下发', en: 'Reconciliation handed to nodes' },
}
