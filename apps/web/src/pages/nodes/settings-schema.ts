/** A value that may be chosen, and what it is called. */
export interface Choice {
  readonly value: string
  readonly label: { readonly zh: string; readonly en?: string }
}

/** One field of a connector's settings form, read from its JSON Schema. */
export interface SettingsField {
  readonly name: string
  readonly kind: 'text' | 'secret' | 'integer' | 'boolean' | 'choice'
  readonly label: { readonly zh: string; readonly en?: string }
  readonly help: { readonly zh: string; readonly en?: string } | null
  readonly required: boolean
  readonly initial: string | number | boolean | undefined
  readonly choices: readonly Choice[]
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly maxLength: number | undefined
  readonly pattern: RegExp | undefined
}

type Loose = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined)

/** A pattern that this browser does not understand is left to the server. */
function patternOf(value: unknown): RegExp | undefined {
  if (typeof value !== 'string') return undefined
  try {
    return new RegExp(value, 'u')
  } catch {
    return undefined
  }
}

/** Words of a schema: a language map, a plain text, or nothing. */
function wordsOf(value: unknown): { zh: string; en?: string } | null {
  if (typeof value === 'string' && value !== '') return { zh: value }
  if (isObject(value) && typeof value['zh'] === 'string')
    return { zh: value['zh'], ...(typeof value['en'] === 'string' ? { en: value['en'] } : {}) }
  return null
}

function choicesOf(schema: Loose): Choice[] {
  const plain = (value: unknown) => ({ value: String(value), label: { zh: String(value) } })
  if (Array.isArray(schema['enum'])) return schema['enum'].map(plain)
  const union = schema['anyOf'] ?? schema['oneOf']
  if (!Array.isArray(union)) return []
  return union.flatMap((one) => {
    if (!isObject(one) || one['const'] === undefined) return []
    const choice = plain(one['const'])
    return [{ ...choice, label: wordsOf(one['x-words'] ?? one['title']) ?? choice.label }]
  })
}

const isSecret = (name: string, schema: Loose) =>
  schema['secret'] === true ||
  schema['x-secret'] === true ||
  schema['writeOnly'] === true ||
  schema['format'] === 'password' ||
  /password|secret|token|口令|密码/i.test(name)

/** The fields of a connector's settings, in the order of its schema. Unknown shapes become text. */
export function settingsFields(schema: unknown): SettingsField[] {
  if (!isObject(schema) || !isObject(schema['properties'])) return []
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(schema['properties']).map(([name, given]) => {
    const field = isObject(given) ? given : {}
    const choices = choicesOf(field)
    const { type } = field
    const initial = field['default']
    return {
      name,
      kind:
        choices.length > 0
          ? 'choice'
          : type === 'integer' || type === 'number'
            ? 'integer'
            : type === 'boolean'
              ? 'boolean'
              : isSecret(name, field)
                ? 'secret'
                : 'text',
      label: wordsOf(field['words'] ?? field['x-words'] ?? field['title']) ?? { zh: name },
      help: wordsOf(field['help'] ?? field['x-help'] ?? field['description']),
      required: required.includes(name),
      initial:
        typeof initial === 'string' || typeof initial === 'number' || typeof initial === 'boolean'
          ? initial
          : undefined,
      choices,
      minimum: numberOf(field['minimum']),
      maximum: numberOf(field['maximum']),
      maxLength: numberOf(field['maxLength']),
      pattern: patternOf(field['pattern']),
    }
  })
}
