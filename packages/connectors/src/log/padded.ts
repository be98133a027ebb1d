/** A 64-bit position with all its digits: as text these sort as they follow each other. */
export function padded(position: bigint): string {
  const half = (part: bigint) => part.toString(16).toUpperCase().padStart(8, '0')
  return `${half(position >> 32n)}/${half(position & 0xffffffffn)}`
}

/** The number of a padded position. @throws RangeError. */
export function unpadded(text: string): bigint {
  if (!/^[0-9A-F]{8}\/[0-9A-F]{8}$/.test(text)) throw new RangeError('not a padded position')
  return BigInt(`0x${text.replace('/', '')}`)
}
