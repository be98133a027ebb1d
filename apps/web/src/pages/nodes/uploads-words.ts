import { words as w } from '@huitong/contract'

/** What only this page says: it stays out of the dictionary that every page loads. */
export const UPLOADS = {
  abandoned: w('中断后清理', 'Given up'),
  badName: w(
    '文件名不可用：不超过 200 个字符，不以点、空格或 ~ 开头，不含 / \\ : * ? " < > | #',
    'The name cannot be used: 200 characters at most, no dot, blank or ~ at its beginning, none of / \\ : * ? " < > | #',
  ),
  cancel: w('取消', 'Cancel'),
  checked: w('摘要已核对', 'Digest compared'),
  choose: w('选择文件上传', 'Choose files'),
  digesting: w('正在计算摘要', 'Computing the digest'),
  failed: w('已中断', 'Interrupted'),
  file: w('文件', 'File'),
  help: w(
    '文件加密后只有本部门节点能打开；中断后重新选择同一文件即可续传。CSV、XLSX、JSON Lines、XML 会成为可编目的库表，同名文件上传完成后替换旧文件。',
    'Only the node of the department can open what is uploaded. After an interruption choose the same file again, and it goes on. CSV, XLSX, JSON lines and XML become tables; a file of the same name is replaced when the new one is whole.',
  ),
  kept: w('已上传', 'Uploaded'),
  none: w('还没有上传文件。', 'Nothing has been uploaded yet.'),
  notChecked: w('未核对摘要', 'Digest not compared'),
  now: w('正在上传', 'Being uploaded'),
  of: w('上传者', 'By'),
  receiving: w('上传中', 'Incomplete'),
  refused: w('内容不符，已拒绝', 'Refused: another content'),
  remove: w('删除', 'Remove'),
  removeAsk: w(
    '删除后节点上的文件和对应库表随之移除，确定吗？',
    'The file on the node and its table go too. Remove it?',
  ),
  removed: w('已删除', 'Removed'),
  replaced: w('已被新文件替换', 'Replaced'),
  resume: w('继续', 'Go on'),
  room: w('已用空间', 'Room used'),
  sending: w('正在上传', 'Uploading'),
  size: w('大小', 'Size'),
  state: w('状态', 'State'),
  time: w('时间', 'Time'),
  title: w('上传文件', 'Upload files'),
  whole: w('完成', 'Done'),
} as const
