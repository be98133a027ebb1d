import { type Static, Type } from 'typebox'

const words = (zh: string, en: string) => ({ title: zh, 'x-words': { zh, en } })

/** Settings of a place with files: one folder of this machine, and how its CSV files are written. */
export const FilesSettings = Type.Object(
  {
    root: Type.String({
      ...words('文件夹（绝对路径）', 'Folder (absolute path)'),
      pattern: '^/[^\\u0000]*$',
      maxLength: 4096,
    }),
    encoding: Type.Union(
      [
        Type.Literal('auto'),
        Type.Literal('utf-8'),
        Type.Literal('gb18030'),
        Type.Literal('utf-16le'),
        Type.Literal('utf-16be'),
      ],
      { ...words('文件编码', 'Encoding'), default: 'auto' },
    ),
    delimiter: Type.Union(
      [Type.Literal('auto'), Type.Literal(','), Type.Literal(';'), Type.Literal('\t'), Type.Literal('|')],
      { ...words('分隔符', 'Delimiter'), default: 'auto' },
    ),
  },
  { additionalProperties: false },
)

/** Settings of a place with files. */
export type FilesSettings = Static<typeof FilesSettings>
