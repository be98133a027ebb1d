import type { Endpoint, Place } from '@huitong/contract'
import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { place, refuse } from './errors.ts'
import type { Input } from './verb.ts'

const DEPTH_MAX = 32
/** Larger bodies come from nodes only, whose results are checked against their schema. */
const REPEATED_KEYS_BYTES_MAX = 4 * 1024 * 1024
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENS = 0x7b
const CLOSES = 0x7d
const PLACES_MAX = 20
const NAME_CHARACTERS_MAX = 100

type Validator = ReturnType<typeof Compile>
const compiled = new WeakMap<object, Validator>()

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema)
  if (known) return known
  const made = Compile(schema)
  compiled.set(schema, made)
  return made
}

/** Reads and checks all input of a request against the endpoint: unknown keys and wrong types are refused, nothing is coerced. */
export function readInput(endpoint: Endpoint, request: FastifyRequest, raw: Buffer): Input<Endpoint> {
  const params = check(endpoint.params, request.params, '#/params')
  const query = check(endpoint.query, request.query, '#/query')
  const writes = endpoint.method !== 'GET' && endpoint.method !== 'HEAD'
  const upload = endpoint.kind === 'upload'
  const body = writes && !upload ? check(endpoint.body, parseJson(raw), '') : {}
  return {
    params,
    query,
    body,
    bytes: upload ? raw : Buffer.alloc(0),
    match: matchOf(endpoint, request),
  } as Input<Endpoint>
}

function matchOf(endpoint: Endpoint, request: FastifyRequest): number {
  if (!endpoint.ifMatch) return 0
  const header = request.headers['if-match']
  if (header === undefined) refuse('object.match_required')
  const version = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (!version) refuse('object.changed')
  return Number(version)
}

/** Strict JSON: valid UTF-8, bounded depth, no key twice, no `__proto__`, no NUL, no lone surrogate. */
export function parseJson(raw: Buffer): unknown {
  if (raw.length === 0) return {}
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(raw)
  } catch {
    refuse('request.encoding')
  }
  refuseDeep(raw)
  try {
    const value: unknown = JSON.parse(text)
    inspect(value)
    if (raw.length <= REPEATED_KEYS_BYTES_MAX) refuseRepeatedKeys(text)
    return value
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError)
      refuse('request.malformed', { detail: error.message })
    throw error
  }
}

function inspect(value: unknown): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) refuse('request.encoding', { detail: 'lone surrogate' })
    if (value.includes('\0')) refuse('request.encoding', { detail: 'NUL' })
    return
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    refuse('request.malformed', { detail: 'number out of range' })
  if (Array.isArray(value)) for (const one of value) inspect(one)
  else if (value !== null && typeof value === 'object')
    for (const [key, one] of Object.entries(value)) {
      if (key === '__proto__') refuse('request.malformed', { detail: '__proto__ as a key' })
      inspect(key)
      inspect(one)
    }
}

/** Looked at before parsing: a megabyte of brackets keeps the parser, and with it the whole process, busy for seconds. */
function refuseDeep(raw: Buffer): void {
  let depth = 0
  let quoted = false
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at]
    if (quoted) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    // [ and {, ] and } differ from each other by one bit.
    else if ((byte! | 0x20) === OPENS && ++depth > DEPTH_MAX) refuse('request.malformed', { detail: 'nested too deep' })
    else if ((byte! | 0x20) === CLOSES) depth--
  }
}

/** One token of JSON that is known to be valid: a string, or a character that opens, closes or parts. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs

/** `JSON.parse` takes the last of two equal keys, another reader the first: such a text means two things. */
function refuseRepeatedKeys(text: string): void {
  const open: (Set<string> | null)[] = []
  let isKey = false
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : null)
    else if (token === '}' || token === ']') open.pop()
    const keys = open.at(-1)
    if (keys && isKey && token.startsWith('"')) {
      const key = JSON.parse(token) as string
      if (keys.has(key)) refuse('request.malformed', { detail: 'a key stands twice' })
      keys.add(key)
    }
    isKey = token === '{' || (token === ',' && keys instanceof Set)
  }
}

function check(schema: TSchema, value: unknown, base: string): unknown {
  const validator = validatorOf(schema)
  // A null prototype (Fastify's params and query) is a plain record to us.
  const plain = base === '' ? value : { ...(value as object) }
  if (validator.Check(plain)) return plain
  refuse('request.invalid', { places: placesOf(validator.Errors(plain), base) })
}

interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
}

/** The places of a schema's errors in words, under `base`; the noise of unions is left out where a more exact place is known. */
export function placesOf(errors: readonly SchemaError[], base: string): Place[] {
  const exact = errors.filter((one) => one.keyword !== 'anyOf' && one.keyword !== 'boolean')
  const places = exact.flatMap((one) => wordsOf(one).map(([path, zh, en]) => place(`${base}${path}`, zh, en)))
  const unique = new Map(places.map((one) => [`${one.path} ${one.problem.en}`, one]))
  return [...unique.values()].slice(0, PLACES_MAX)
}

/** A name as a part of a JSON pointer (RFC 6901); one that nobody can read to its end is cut. */
const pointer = (name: string) =>
  name.slice(0, NAME_CHARACTERS_MAX).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')

function wordsOf({ keyword, instancePath: path, params }: SchemaError): [string, string, string][] {
  const list = (name: string) => (Array.isArray(params[name]) ? (params[name] as string[]) : [])
  switch (keyword) {
    case 'additionalProperties':
      return list('additionalProperties')
        .slice(0, PLACES_MAX)
        .map((name) => [`${path}/${pointer(name)}`, '不认识的字段', 'unknown key'])
    case 'required':
      return list('requiredProperties').map((name) => [`${path}/${pointer(name)}`, '必填', 'required'])
    case 'type':
      return [[path, `类型应为 ${String(params['type'])}`, `must be ${String(params['type'])}`]]
    case 'maxLength':
      return [[path, `不得超过 ${String(params['limit'])} 个字符`, `at most ${String(params['limit'])} characters`]]
    case 'minLength':
      return [[path, `不得少于 ${String(params['limit'])} 个字符`, `at least ${String(params['limit'])} characters`]]
    case 'enum':
      return [[path, `应为：${list('allowedValues').join('、')}`, `one of: ${list('allowedValues').join(', ')}`]]
    case 'const':
      return [[path, '不在可选值之内', 'not one of the allowed values']]
    default:
      return [[path, `不符合格式要求（${keyword}）`, `does not satisfy ${keyword}`]]
  }
}
