import { words as w } from '@huitong/contract'

/** What is said of nodes without a line: it stays out of the dictionary that every page loads. */
export const CROSSING = {
  title: w('连接方式', 'Link'),
  link: {
    line: w('直连', 'Line'),
    ferry: w('网闸摆渡', 'One-way gate, both ways'),
    ferry_in: w('单向摆渡（只进平台）', 'One-way gate, to the platform only'),
    ferry_out: w('单向摆渡（只出平台）', 'One-way gate, from the platform only'),
    hand: w('介质摆渡（人工携带）', 'Carried by hand'),
  },
  help: {
    line: w('节点主动连接平台，随时取任务、送数据。', 'The node dials out to the platform.'),
    ferry: w(
      '两个方向各有一个摆渡目录，任务、批次和回执都由网闸自动搬运。',
      'A folder for each way: orders, batches and receipts are carried by the gate.',
    ),
    ferry_in: w(
      '网闸只把节点的文件搬进平台；任务和回执要由人工带到节点，没带到之前节点不知道平台收到了什么。',
      'The gate only brings the node’s files; a person carries orders and receipts to it. Until then the node does not know what arrived.',
    ),
    ferry_out: w(
      '网闸只把平台的文件搬到节点；节点的回执要由人工带回，没带回之前任务一直显示运行中。',
      'The gate only takes files to the node; a person brings its receipts back. Until then its tasks are shown as running.',
    ),
    hand: w(
      '平台和节点之间没有任何线路，两个方向都用介质人工携带。',
      'There is no line at all: both ways are carried on a medium.',
    ),
  },
  taken: w('已收到第 {n} 号', 'Taken up to {n}'),
  nothingTaken: w('尚未收到节点的文件', 'No file of the node yet'),
  sent: w('已放出第 {n} 号', 'Laid out up to {n}'),
  nothingSent: w('尚未放出文件', 'Nothing laid out yet'),
  acknowledged: w('节点确认到第 {n} 号', 'The node has up to {n}'),
  unknown: w(
    '放出的文件是否到达，要等节点的文件带回才知道',
    'Whether they arrived is known with the node’s next files',
  ),
  waiting: w('{n} 个文件等待放出', '{n} files wait to be laid out'),
  last: w('最近摆渡', 'Last crossing'),
  ticketFor: w('“{name}”的摆渡注册单', 'Ticket of “{name}”'),
  ticketHelp: w(
    '把这一行存成节点目录下的 enrolment-code 文件。节点随后放出第 1 号文件，带到平台即完成注册；同一张注册单只用于一个节点。',
    'Save this line as the file enrolment-code in the node’s folder. The node then lays out its file 1; once that has come over it is enrolled. A ticket is for one node.',
  ),
  folders: w(
    '平台一侧的目录：摆渡目录/{id}/in（收）和 out（发），未被接收的文件在 refused。',
    'Folders at the platform: ferry folder/{id}/in and out; what is not taken lies in refused.',
  ),
  source: w('提供方节点', 'The provider’s node'),
  target: w('需求方节点', 'The receiving node'),
  noWayBack: w(
    '这个任务的进度按带到平台的文件显示；还在路上或没有人带回的，平台不知道。',
    'The progress shown is of the files that have come to the platform; of those on their way it does not know.',
  ),
} as const
