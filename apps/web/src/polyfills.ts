/**
 * What Chromium 90 lacks and our code or its libraries use. Loaded before everything else.
 * `build.test.ts` names the features that may appear in the bundle; add here what it finds.
 */

function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

function at(this: ArrayLike<unknown>, index: number): unknown {
  const whole = Math.trunc(index) || 0
  return this[whole < 0 ? this.length + whole : whole]
}

function findLastIndex<T>(this: T[], test: (value: T, index: number, all: T[]) => boolean): number {
  for (let index = this.length - 1; index >= 0; index--) if (test(this[index]!, index, this)) return index
  return -1
}

function findLast<T>(this: T[], test: (value: T, index: number, all: T[]) => boolean): T | undefined {
  return this[findLastIndex.call(this as unknown[], test as (value: unknown) => boolean)]
}

define(Array.prototype, 'at', at)
define(String.prototype, 'at', function (this: string, index: number) {
  return at.call(String(this), index)
})
define(Object.getPrototypeOf(Int8Array.prototype) as object, 'at', at)
define(Array.prototype, 'findLast', findLast)
define(Array.prototype, 'findLastIndex', findLastIndex)
define(Array.prototype, 'toSorted', function <T>(this: T[], order?: (a: T, b: T) => number) {
  return [...this].sort(order)
})
define(Array.prototype, 'toReversed', function (this: unknown[]) {
  return [...this].reverse()
})
define(Array.prototype, 'toSpliced', function (this: unknown[], start: number, remove: number, ...added: unknown[]) {
  const copy = [...this]
  copy.splice(start, remove, ...added)
  return copy
})
define(Array.prototype, 'with', function (this: unknown[], index: number, value: unknown) {
  const copy = [...this]
  copy[index < 0 ? copy.length + index : index] = value
  return copy
})
define(Object, 'hasOwn', (target: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(target, key))
define(Object, 'groupBy', (values: Iterable<unknown>, keyOf: (value: unknown, index: number) => PropertyKey) => {
  const groups = Object.create(null) as Record<PropertyKey, unknown[]>
  let index = 0
  for (const value of values) (groups[keyOf(value, index++)] ??= []).push(value)
  return groups
})
define(Promise, 'withResolvers', function <T>() {
  let resolve: ((value: T) => void) | undefined
  let reject: ((reason: unknown) => void) | undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
})
// The contract's client asks for the size of a query; without it every filter would be dropped silently.
if (!('size' in URLSearchParams.prototype))
  Object.defineProperty(URLSearchParams.prototype, 'size', {
    get(this: URLSearchParams) {
      return [...this.keys()].length
    },
    configurable: true,
  })
// Plain data only: that is all that pages clone.
define(globalThis, 'structuredClone', (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown)
// Absent from old browsers, and from new ones on plain HTTP addresses.
define(crypto, 'randomUUID', () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
})
