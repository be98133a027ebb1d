/** Text of a log position as PostgreSQL prints it (`16/B374D848`), as a number. @throws RangeError. */
export function parseLsn(text: string): bigint {
  const found = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text)
  if (found === null) throw new RangeError('not a log position')
  return (BigInt(`0x${found[1]}`) << 32n) | BigInt(`0x${found[2]}`)
}

/** A log position as PostgreSQL prints it. */
export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`
}

/** Microseconds between 1970 and 2000, from which PostgreSQL counts. */
const EPOCH_2000_US = 946_684_800_000_000n

/** An instant of the log protocol (microseconds since 2000) as ISO text with microseconds. */
export function instantOf(microseconds: bigint): string {
  const us = microseconds + EPOCH_2000_US
  const part = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n
  const whole = new Date(Number((us - part) / 1000n)).toISOString()
  return `${whole.slice(0, 19)}.${String(part).padStart(6, '0')}Z`
}

/** An instant as ISO text in milliseconds since 1970. */
export const millisecondsOf = (microseconds: bigint): number => Number((microseconds + EPOCH_2000_US) / 1000n)
/** Milliseconds since 1970 as the log protocol counts. */
export const protocolTime = (milliseconds: number): bigint => BigInt(Math.round(milliseconds)) * 1000n - EPOCH_2000_US
