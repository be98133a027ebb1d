import { words as w } from '@huitong/contract'

/** What only the mapping of a task says: it stays out of the dictionary that every page loads. */
export const MAPPING = {
  add: w('加入 {name}', 'Add {name}'),
  addConstant: w('加入常量', 'Add a constant'),
  arrives: w('到达时', 'As it arrives'),
  asIs: w('原样', 'As it is'),
  badLines: w('第 {lines} 行没有等号', 'No equals sign in line {lines}'),
  change: w('更改映射', 'Change the mapping'),
  changeHelp: w(
    '可改代码和常量，接收字段不变。更改后断点作废，下次启动重新全量。',
    'Codes and constants may change; the columns stay. The position is given up: the next start copies the whole.',
  ),
  codes: w('代码映射', 'Codes'),
  codesHelp: w('每行一对，如 1=男。不填则不映射。', 'A pair a line, such as 1=male; empty: as they are.'),
  constant: w('常量', 'Constant'),
  date: w('日期', 'Date'),
  from: w('来自', 'From'),
  help: w(
    '可少取信息项、改接收字段名、映射代码、加常量。不选则按信息项原名接收。',
    'Takes fewer items, gives columns other names, translates codes, adds constants. Otherwise items keep their names.',
  ),
  keep: w('保留原值', 'Keep it'),
  null: w('置空', 'Leave it empty'),
  number: w('数字', 'Number'),
  otherwise: w('未列出的代码', 'Other codes'),
  preview: w('接收表预览', 'How it will arrive'),
  previewHelp: w('只预览字段，不读取数据。', 'Columns only: no data is read.'),
  refuse: w('停止并报字段名', 'Stop and name the column'),
  remove: w('不要此字段', 'Leave out'),
  text: w('文本', 'Text'),
  use: w('映射字段', 'Map columns'),
  value: w('值', 'Value'),
} as const
