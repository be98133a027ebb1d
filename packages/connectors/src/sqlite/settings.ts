import { type Static, Type } from 'typebox'
import { words } from '../settings-words.ts'

/** Settings of a SQLite database: its file on the node's machine. */
export const SqliteSettings = Type.Object(
  {
    path: Type.String({
      ...words('数据库文件（绝对路径）', 'Database file (absolute path)'),
      pattern: '^/[^\\u0000]*$',
      maxLength: 4096,
    }),
  },
  { additionalProperties: false },
)

/** Settings of a SQLite database. */
export type SqliteSettings = Static<typeof SqliteSettings>
