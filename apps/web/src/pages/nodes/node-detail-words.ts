import { words as w } from '@huitong/contract'

/** What only the page of a node says: it stays out of the dictionary that every page loads. */
export const NODE_DETAIL = {
  awaySince: w('自 {at} 起失联', 'away since {at}'),
  away: w('节点已失联', 'The node is away'),
  awayHelp: w(
    '请在前置机上查看节点程序是否在运行、能否连接平台。任务不会丢失，节点恢复后继续执行。',
    'Look on the front machine whether the agent runs and can reach the platform. Nothing is lost: its work goes on when it is back.',
  ),
  awaiting: w('节点还没有注册', 'The node has not enrolled yet'),
  awaitingHelp: w(
    '在前置机上安装节点程序并填写登记时取得的注册码；注册码过期或遗失的，请重新登记节点。',
    'Install the agent on the front machine with the one-time code of its registration; if the code is lost or too old, register the node anew.',
  ),
  awaitingTicket: w(
    '把登记时取得的摆渡注册单存到节点目录，节点放出的第 1 号文件带到平台即完成注册；注册单遗失的，请重新登记节点。',
    'Save the ticket of its registration in the node’s folder; once the node’s file 1 has come over it is enrolled. If the ticket is lost, register the node anew.',
  ),
  ferriedHelp: w(
    '这个节点与平台之间没有线路，状态和进度以已带到平台的文件为准。',
    'There is no line to this node: what is shown here is what the files have brought so far.',
  ),
  version: w('节点版本', 'Version of the node'),
  serverVersion: w('平台版本', 'Version of the platform'),
  standing: {
    same: w('与平台一致', 'same as the platform'),
    older: w('比平台旧一个小版本，可以配合运行', 'one minor version behind, works together'),
    newer: w('比平台新一个小版本，可以配合运行', 'one minor version ahead, works together'),
    too_old: w('过旧，需要升级节点', 'too old: upgrade the node'),
    too_new: w('比平台新太多，需要升级平台', 'too new: upgrade the platform'),
    unknown: w('未知', 'unknown'),
  },
  tooOldHelp: w(
    '节点版本 {node} 与平台版本 {platform} 相差超过一个小版本，不保证能正确配合。请升级前置机上的节点程序。',
    'The node runs {node} and the platform {platform}: more than one minor version apart is not promised to work. Upgrade the agent.',
  ),
  tooNewHelp: w(
    '节点版本 {node} 与平台版本 {platform} 相差超过一个小版本，不保证能正确配合。请升级平台。',
    'The node runs {node} and the platform {platform}: more than one minor version apart is not promised to work. Upgrade the platform.',
  ),
  running: w('正在执行', 'At work'),
  runningNone: w('当前没有任务。', 'Nothing to do just now.'),
  allWork: w('查看全部节点任务', 'All work of this node'),
  segments: w('批次', 'Batches'),
  changes: w('变更', 'Changes'),
  since: w('下发时间', 'Given out'),
  channels: w('交换任务', 'Exchange tasks'),
  channelsNone: w('没有经过这个节点的交换任务。', 'No exchange task has an end at this node.'),
  end: w('本节点的角色', 'This node is'),
  ends: {
    source: w('提供方', 'Source'),
    target: w('接收方', 'Target'),
    both: w('提供方和接收方', 'Source and target'),
  },
  sources: w('数据源', 'Data sources'),
  sourcesNone: w('还没有为这个节点登记数据源。', 'No data source of this node is registered yet.'),
  allSources: w('查看全部数据源', 'All data sources'),
  more: w('共 {n} 条，这里列出前 {shown} 条', '{n} in all, the first {shown} are listed'),
} as const
