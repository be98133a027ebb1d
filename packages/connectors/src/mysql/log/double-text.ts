/** Where texts that lie halfway between two doubles have at most 16 digits; see `doubleText` of `packages/segment`. */
const HALFWAY_FROM = 2 ** 54
const HALFWAY_TO = 2 ** 124
/** Digits before the point up to which it is written plainly. */
const PLAIN_DIGITS = 15

/**
 * PostgreSQL's shortest text of a double: as the source's own query writes it. JavaScript also takes a text that lies
 * halfway to the next double, PostgreSQL does not.
 */
export function doubleText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const size = Math.abs(value)
  const sign = value < 0 ? '-' : ''
  let shown = size.toExponential()
  if (size >= HALFWAY_FROM && size < HALFWAY_TO && isHalfway(shown, size)) {
    const sixteen = size.toExponential(15)
    shown = isHalfway(sixteen, size) ? size.toExponential(16) : sixteen
  }
  const [mantissa = '', power = '0'] = shown.split('e')
  const exponent = Number(power)
  const digits = mantissa.replace('.', '').replace(/0+$/, '')
  if (exponent >= PLAIN_DIGITS || exponent < -4) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : ''
    return `${sign}${digits[0]}${rest}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** Whether a text is no nearer to this double than to another: a little further away it is read as that one. */
function isHalfway(text: string, size: number): boolean {
  const [mantissa = '', power = '0'] = text.split('e')
  const digits = mantissa.replace('.', '')
  const places = Number(power) - (digits.length - 1)
  // Of numbers this large the text is an integer.
  const given = places >= 0 ? BigInt(digits) * 10n ** BigInt(places) : BigInt(digits) / 10n ** BigInt(-places)
  const exact = BigInt(size)
  if (given === exact) return false
  return Number(2n * given + (given > exact ? 1n : -1n)) !== 2 * size
}
