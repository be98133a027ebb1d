import { type Static, Type } from 'typebox'
import { TLS, words } from '../settings-words.ts'

/**
 * Settings of a PostgreSQL source or target. Only these keys: no connection string, socket path or driver option can be
 * smuggled in. `tls`: `off`, `require` (encrypted, certificate not checked), `verify` (checked against `tlsCa` or the
 * system's roots).
 */
export const PostgresqlSettings = Type.Object(
  {
    host: Type.String({ ...words('主机地址', 'Host'), pattern: '^[A-Za-z0-9._:-]{1,253}$' }),
    port: Type.Integer({ ...words('端口', 'Port'), minimum: 1, maximum: 65_535, default: 5432 }),
    database: Type.String({ ...words('数据库名', 'Database'), minLength: 1, maxLength: 63 }),
    user: Type.String({ ...words('用户名', 'User'), minLength: 1, maxLength: 63 }),
    password: Type.String({ ...words('密码', 'Password'), minLength: 1, maxLength: 1024, writeOnly: true }),
    tls: Type.Union([...TLS], { ...words('加密连接', 'TLS'), default: 'verify' }),
    tlsCa: Type.Optional(Type.String({ ...words('CA 证书 (PEM)', 'CA certificate (PEM)'), maxLength: 65_536 })),
  },
  { additionalProperties: false },
)

/** Settings of a PostgreSQL source or target. */
export type PostgresqlSettings = Static<typeof PostgresqlSettings>
