/** One parameter of a kind of rule, as its form shows it. */
export interface ParameterField {
  readonly name: string
  readonly kind:
    | 'column'
    | 'columns'
    | 'table'
    | 'tableColumns'
    | 'set'
    | 'choice'
    | 'choices'
    | 'texts'
    | 'integer'
    | 'boolean'
    | 'text'
    | 'json'
  readonly required: boolean
  readonly choices: readonly string[]
  readonly minimum: number | undefined
  readonly maximum: number | undefined
}

type Loose = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])
const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined)

/** Parameters that name columns of the checked dataset, whatever their schema says beside. */
const COLUMNS = new Set(['column', 'columns', 'determines', 'code', 'date', 'order'])

/** The fields of a kind of rule, in the order of its schema. What has no form of its own is written as JSON. */
export function parameterFields(schema: unknown): ParameterField[] {
  if (!isObject(schema) || !isObject(schema['properties'])) return []
  const required = texts(schema['required'])
  return Object.entries(schema['properties']).map(([name, given]) => {
    const field = isObject(given) ? given : {}
    const items = isObject(field['items']) ? field['items'] : {}
    const choices = texts(field['enum'] ?? items['enum'])
    return {
      name,
      kind: kindOf(name, field, items, choices),
      required: required.includes(name),
      choices,
      minimum: numberOf(field['minimum']),
      maximum: numberOf(field['maximum']),
    }
  })
}

function kindOf(name: string, field: Loose, items: Loose, choices: readonly string[]): ParameterField['kind'] {
  const isList = field['type'] === 'array'
  const isPattern = typeof (isList ? items : field)['pattern'] === 'string'
  if (name === 'table') return 'table'
  if (name === 'to') return 'tableColumns'
  if (name === 'set') return 'set'
  if (choices.length > 0) return isList ? 'choices' : 'choice'
  if (COLUMNS.has(name) && isPattern) return isList ? 'columns' : 'column'
  if (isList && items['type'] === 'string') return 'texts'
  if (field['type'] === 'integer' || field['type'] === 'number') return 'integer'
  if (field['type'] === 'boolean') return 'boolean'
  return field['type'] === 'string' ? 'text' : 'json'
}

/** What a form holds for a rule's parameters: JSON as text, all else as it is. */
export function toForm(fields: readonly ParameterField[], parameters: Loose): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }) => {
      const value = parameters[name]
      if (value === undefined) return []
      return [[name, kind === 'json' ? JSON.stringify(value, null, 1) : value]]
    }),
  )
}

/** The parameters that a form gives; empty fields are left out. @throws SyntaxError for JSON that is none. */
export function fromForm(fields: readonly ParameterField[], values: Loose): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }) => {
      const value = values[name]
      const isEmpty =
        value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
      if (isEmpty || (kind === 'boolean' && value === false)) return []
      return [[name, kind === 'json' ? (JSON.parse(value as string) as unknown) : value]]
    }),
  )
}
