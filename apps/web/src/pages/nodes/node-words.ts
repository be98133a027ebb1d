import { words as w } from '@huitong/contract'

/** What only the page of nodes says: it stays out of the dictionary that every page loads. */
export const NODE = {
  codeFor: w('“{name}”的一次性注册码', 'One-time code of “{name}”'),
  codeHelp: w(
    '只显示这一次，请在前置机安装节点时输入。',
    'Shown only once; enter it when the node is installed on the front machine.',
  ),
  codeUntil: w('有效期至', 'Valid until'),
  help: w(
    '部署在各部门前置机上的程序，主动连接平台，或经网闸、介质摆渡文件',
    'Programs on the departments’ front machines; they dial out to the platform, or their files are carried',
  ),
  keyId: w('公钥编号', 'Key'),
  lastSeen: w('最近在线', 'Last seen'),
  name: w('节点名称', 'Node'),
  new: w('登记节点', 'Register a node'),
  none: w(
    '还没有节点。登记后取得注册码，在前置机上安装。',
    'No node yet. Register one, then install it with its code.',
  ),
  register: w('登记并取得注册码', 'Register and get the code'),
  version: w('版本和公钥编号', 'Version and key'),
} as const
