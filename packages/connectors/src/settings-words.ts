import { Type } from 'typebox'

/** Words of a setting, or of one of its values. */
export const words = (zh: string, en: string) => ({ title: zh, 'x-words': { zh, en } })

/** How a connection to a database is encrypted. */
export const TLS = [
  Type.Literal('off', words('不加密', 'Not encrypted')),
  Type.Literal('require', words('加密，不核对证书', 'Encrypted, certificate not checked')),
  Type.Literal('verify', words('加密并核对证书', 'Encrypted, certificate checked')),
] as const
