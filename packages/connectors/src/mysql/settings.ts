import { type Static, Type } from 'typebox'
import { TLS, words } from '../settings-words.ts'

const ZERO_DATES = [
  Type.Literal('refuse', words('不接受，停止并指出字段', 'Refuse: stop and name the field')),
  Type.Literal('null', words('按空值传送', 'Send as empty')),
] as const

/**
 * Settings of a MySQL or MariaDB source or target. Only these keys: no connection string, socket path or driver option
 * can be smuggled in. `tls`: `off`, `require` (encrypted, certificate not checked), `verify` (checked against `tlsCa` or
 * the system's roots). `zeroDates`: what becomes of 0000-00-00, which is no day: reading ends with an error, or it travels
 * as NULL.
 */
export const MysqlSettings = Type.Object(
  {
    host: Type.String({ ...words('主机地址', 'Host'), pattern: '^[A-Za-z0-9._:-]{1,253}$' }),
    port: Type.Integer({ ...words('端口', 'Port'), minimum: 1, maximum: 65_535, default: 3306 }),
    database: Type.String({ ...words('数据库名', 'Database'), minLength: 1, maxLength: 63 }),
    user: Type.String({ ...words('用户名', 'User'), minLength: 1, maxLength: 80 }),
    password: Type.String({ ...words('密码', 'Password'), minLength: 1, maxLength: 1024, writeOnly: true }),
    tls: Type.Union([...TLS], { ...words('加密连接', 'TLS'), default: 'verify' }),
    tlsCa: Type.Optional(Type.String({ ...words('CA 证书 (PEM)', 'CA certificate (PEM)'), maxLength: 65_536 })),
    zeroDates: Type.Optional(
      Type.Union([...ZERO_DATES], {
        ...words('零日期（0000-00-00）', 'Zero dates (0000-00-00)'),
        default: 'refuse',
      }),
    ),
  },
  { additionalProperties: false },
)

/** Settings of a MySQL or MariaDB source or target. */
export type MysqlSettings = Static<typeof MysqlSettings>
