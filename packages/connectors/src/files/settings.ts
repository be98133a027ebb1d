import { type Static, Type } from 'typebox'
import { words } from '../settings-words.ts'

const auto = Type.Literal('auto', words('自动识别', 'Found out by itself'))

const writing = {
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
  },
  { additionalProperties: false },
)

/** Settings of a place with files. */
export type FilesSettings = Static<typeof FilesSettings>

/** Settings of a place whose files are uploaded by the portal: how its CSV files are written. */
export const UploadsSettings = Type.Object(writing, { additionalProperties: false })
