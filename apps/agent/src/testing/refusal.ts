import type { ErrorCode } from '@huitong/contract'

/** A refusal of the test platform with a code of the contract. */
export class Refusal extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, detail = '') {
    super(`${code} ${detail}`)
    this.name = 'Refusal'
    this.code = code
  }
}
