import { type Static, Type } from 'typebox'
import { words } from '../settings-words.ts'

const auto = Type.Literal('auto', words('自动识别', 'Found out by itself'))

/** How CSV files are written. */
export const writing = {
  encoding: Type.Union(
    [auto, Type.Literal('utf-8'), Type.Literal('gb18030'), Type.Literal('utf-16le'), Type.Literal('utf-16be')],
    { ...words('文件编码', 'Encoding'), default: 'auto' },
  ),
  delimiter: Type.Union(
    [
      auto,
      Type.Literal(',', words('逗号 ,', 'Comma ,')),
      Type.Literal(';', words('分号 ;', 'Semicolon ;')),
      Type.Literal('\t', words('制表符 Tab', 'Tab')),
      Type.Literal('|', words('竖线 |', 'Bar |')),
    ],
    { ...words('分隔符', 'Delimiter'), default: 'auto' },
  ),
  badRecords: Type.Optional(
    Type.Union(
      [
        Type.Literal('stop', words('停止读取', 'End the reading')),
        Type.Literal('aside', words('列入拒收表，其余照常', 'Set it aside in the reject table')),
      ],
      { ...words('读入库表时遇到错误记录', 'A bad record of a file that is read as a table'), default: 'stop' },
    ),
  ),
  badRecordsMax: Type.Optional(
    Type.Integer({
      ...words('拒收多少条后停止读取', 'Bad records after which the reading ends'),
      minimum: 1,
      maximum: 10_000,
      default: 1_000,
    }),
  ),
  badRecordsPercent: Type.Optional(
    Type.Integer({
      ...words('拒收超过百分之几即停止', 'Share of bad records, in per cent, above which the reading ends'),
      minimum: 1,
      maximum: 100,
      default: 20,
    }),
  ),
}

/** When a file is whole. */
export const settled = {
  complete: Type.Optional(
    Type.Union(
      [
        Type.Literal('settle', words('一段时间内没有变化', 'It has not changed for a while')),
        Type.Literal('digest', words('同名 .sha256 文件中的摘要相符', 'Its digest stands beside it in NAME.sha256')),
      ],
      { ...words('文件何时算写完（文件交换）', 'When a file is whole (exchange of files)'), default: 'settle' },
    ),
  ),
  settleSeconds: Type.Optional(
    Type.Integer({
      ...words('多久没有变化算写完（秒）', 'Unchanged for so many seconds is whole'),
      minimum: 1,
      maximum: 3600,
      default: 60,
    }),
  ),
}

/** Settings of a place with files: one folder of this machine, and how its CSV files are written. */
export const FilesSettings = Type.Object(
  {
    root: Type.String({
      ...words('文件夹（绝对路径）', 'Folder (absolute path)'),
      pattern: '^/[^\\u0000]*$',
      maxLength: 4096,
    }),
    ...writing,
    ...settled,
  },
  { additionalProperties: false },
)

/** Settings of a place with files. */
export type FilesSettings = Static<typeof FilesSettings>

/** Settings of a place whose files are uploaded by the portal: how its CSV files are written. */
export const UploadsSettings = Type.Object(writing, { additionalProperties: false })

/** Settings of a place whose files are uploaded by the portal. */
export type UploadsSettings = Static<typeof UploadsSettings>
