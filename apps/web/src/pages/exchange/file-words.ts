import { words as w } from '@huitong/contract'

/** What only tasks of files say: it stays out of the dictionary that every page loads. */
export const FILES = {
  mode: w('文件原样交换：先传全部文件，再传新增和变化的文件', 'Files as they are: all once, then new and changed ones'),
  modeHelp: w(
    '目录须挂接文件夹，授权的共享方式须为文件。文件在对方文件夹内写完并核对摘要后才出现；源端删除的文件，接收端保留。',
    'The dataset must have a folder mounted, and the grant must be for files. A file appears at the receiver when it is whole and of its digest; what is deleted at the source stays there.',
  ),
  folder: w('接收文件夹名', 'Receiving folder'),
  folderHelp: w(
    '建在接收数据源的文件夹内，已有同名文件会被替换',
    'Made in the folder of the source; files of the same name are replaced',
  ),
  tab: w('文件清单', 'Files'),
  path: w('文件路径', 'Path'),
  size: w('大小', 'Size'),
  digest: w('摘要', 'Digest'),
  sentAt: w('发送时间', 'Sent'),
  deliveredAt: w('送达时间', 'Delivered'),
  none: w('尚未交换文件', 'No files yet'),
  filesSealed: w('发出文件数', 'Files sent'),
  filesReceived: w('接收文件数', 'Files received'),
  filesApplied: w('送达文件数', 'Files delivered'),
  rate: w('速率', 'Rate'),
  rateMean: w('平均速率', 'Mean rate'),
  filesHeld: w('未能传送的文件', 'Files held'),
  sent: w('发送中', 'On its way'),
  received: w('平台已接收', 'At the platform'),
  delivered: w('已送达', 'Delivered'),
  refused: w('已拒绝', 'Refused'),
  held: w(
    '以下文件未能传送；改名、授权读取或排除后，下次会自动传送。',
    'These files could not be sent. Once renamed or readable they are sent by themselves.',
  ),
  name: w(
    '文件名含控制字符、反斜杠，不是 UTF-8，或过长',
    'The name has control characters or backslashes, is no UTF-8, or is too long',
  ),
  link: w('是链接，不跟随', 'A link; it is not followed'),
  special: w('不是普通文件', 'No plain file'),
  unreadable: w('没有读取权限，或读取出错', 'It cannot be read'),
  changing: w('读取时发生变化，稍后重试', 'It changed while it was read; tried again'),
  digestWrong: w('与旁边 .sha256 文件中的摘要不符', 'Not of the digest in the .sha256 file beside it'),
  carrying: w('正在传送 {files} 个文件', 'Carrying {files} files'),
  cut: w('显示前 {shown} 个，共 {all} 个，全部在签名文件中', 'The first {shown} of {all}; all are in the signed file'),
} as const
