/** The bytes are no event of the log as it is documented. */
export class BinlogFormatError extends Error {}

/** Reads numbers and pieces of a log's event, one after another; little-endian unless it says otherwise. */
export class Bytes {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** A number of one to six bytes. */
  uint(length: number): number {
    return this.#bytes.readUIntLE(this.skip(length), length)
  }

  int(length: number): number {
    return this.#bytes.readIntLE(this.skip(length), length)
  }

  /** Big-endian, one to six bytes. */
  uintBig(length: number): number {
    return length === 0 ? 0 : this.#bytes.readUIntBE(this.skip(length), length)
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64LE(this.skip(8))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64LE(this.skip(8))
  }

  float(): number {
    return this.#bytes.readFloatLE(this.skip(4))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.skip(8))
  }

  /** A length of the protocol: one byte, or a mark and two, three or eight. */
  length(): number {
    const first = this.uint(1)
    if (first < 0xfb) return first
    if (first === 0xfc) return this.uint(2)
    if (first === 0xfd) return this.uint(3)
    const whole = first === 0xfe ? this.uint64() : -1n
    if (whole < 0n || whole > 0xffffffffn) throw new BinlogFormatError(`a length that begins with ${first}`)
    return Number(whole)
  }

  take(length: number): Buffer {
    const at = this.skip(length)
    return this.#bytes.subarray(at, at + length)
  }

  rest(): Buffer {
    return this.take(this.left)
  }

  /** Goes on by so many bytes; answers where they begin. */
  skip(length: number): number {
    const at = this.#at
    if (length < 0 || at + length > this.#bytes.length) throw new BinlogFormatError('an event is cut short')
    this.#at = at + length
    return at
  }
}
