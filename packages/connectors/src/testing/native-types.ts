import fc from 'fast-check'

/** Texts with everything that a CSV, a server or a collation may trip over. */
export const someText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'a ',
    'A',
    'a',
    '\\N',
    '\\',
    'NULL',
    '"',
    ',',
    '\t',
    '\n',
    '\r\n',
    '\\.',
    '𠮷𪚥',
    '\ue000',
    'é',
    '0:',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0') && text.isWellFormed()),
)
/** A number with so many digits. */
export const pad = (number: number, width: number) => String(number).padStart(width, '0')
/** A day of the years 1 to 9999. */
export const someDay = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, day]) => `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`)
/** A time of day. */
export const someTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => pad(part, 2)).join(':'))
/** A fraction of a second, or none. */
export const someFraction = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 0, max: 999_999 }).map((n) => `.${pad(n, 6)}`),
)
/** A moment without a zone. */
export const someMoment = fc.tuple(someDay, someTime, someFraction).map(([day, time, rest]) => `${day} ${time}${rest}`)
/** A decimal of so many digits. */
export const someDecimal = (digits: number, scale: number) =>
  fc.tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** BigInt(digits) - 1n })).map(([isNegative, number]) => {
    const text = number.toString().padStart(scale + 1, '0')
    const at = text.length - scale
    return `${isNegative ? '-' : ''}${text.slice(0, at)}${scale === 0 ? '' : `.${text.slice(at)}`}`
  })
/** A signed integer of so many bits. */
export const someInteger = (bits: number) =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }).map(String)
/** A double: MariaDB has no numbers that are none, and none without limit. */
export const someDouble = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    0,
    1e15,
    1e14,
    999999999999999.9,
    1e-4,
    9.999e-5,
    1e-5,
    5e-324,
    1.7976931348623157e308,
    123456.75,
    1e6,
    100000,
    0.1,
    // A shorter text lies halfway to the next double.
    234898186689314816,
    1e23,
    -(2 ** 56),
    18014398509481988,
  ),
  // Where such texts are frequent.
  fc.tuple(fc.integer({ min: 2 ** 52, max: 2 ** 53 - 1 }), fc.integer({ min: 1, max: 12 })).map(([m, e]) => m * 2 ** e),
)

/** MariaDB's own types, and values as it reads them. */
export const NATIVE: Readonly<Record<string, fc.Arbitrary<string>>> = {
  tinyint: someInteger(8),
  'tinyint unsigned': fc.integer({ min: 0, max: 255 }).map(String),
  'smallint unsigned': fc.integer({ min: 0, max: 65_535 }).map(String),
  'mediumint unsigned zerofill': fc.integer({ min: 0, max: 2 ** 24 - 1 }).map(String),
  'int unsigned': fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(String),
  'bigint unsigned': fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  'decimal(65,30)': someDecimal(65, 30),
  'decimal(5,0)': someDecimal(5, 0),
  float: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  double: someDouble.map(String),
  'bit(1)': fc.constantFrom('1', '0'),
  'bit(64)': fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  year: fc.integer({ min: 1901, max: 2155 }).map(String),
  date: someDay,
  'datetime(6)': someMoment,
  'timestamp(6)': fc
    .tuple(fc.integer({ min: 1971, max: 2037 }), someTime)
    .map(([year, time]) => `${year}-04-10 ${time}.000100`),
  'time(6)': fc.constantFrom('-838:59:59', '838:59:59', '00:00:00', '-00:00:00.000001', '24:00:00', '08:30:00.5'),
  'varchar(50) character set gbk': fc.constantFrom('张三', '', ' 前', '€'.replace('€', '元')),
  'varchar(50) character set latin1': fc.constantFrom('é', 'ÿ', 'a '),
  'char(20)': someText.filter((text) => [...text].length <= 20),
  'varbinary(40)': fc.constantFrom('', 'abc', '\u00ff'),
  'binary(4)': fc.constantFrom('a', 'abcd'),
  "enum('甲','乙 ','c''')": fc.constantFrom('甲', '乙', "c'"),
  "set('x','y','z')": fc.constantFrom('', 'x', 'x,z'),
  json: fc.json().filter((text) => !text.includes('\\u0000')),
  longtext: someText,
}

/** A value of {@link NATIVE} as a literal of a session with the server's own settings. */
export function nativeLiteral(type: string, text: string | null): string {
  if (text === null) return 'NULL'
  return type.startsWith('bit') ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
