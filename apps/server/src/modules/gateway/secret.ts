import { randomBytes } from 'node:crypto'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** A public name of an application: `ht` and 100 random bits. */
export const newAppId = (): string => `ht${[...randomBytes(20)].map((byte) => BASE32[byte & 31]).join('')}`

/** A secret of 256 bits, as the text whose bytes are the key of the HMAC. */
export const newSecret = (): string => randomBytes(32).toString('base64url')
