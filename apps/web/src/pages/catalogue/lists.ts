/** Values of the enumerations of the catalogue, in the order in which people know them. */
export const SHARE_ATTRIBUTES = ['unconditional', 'conditional', 'refused'] as const
export const UPDATE_CYCLES = [
  'realtime',
  'daily',
  'weekly',
  'monthly',
  'quarterly',
  'half_yearly',
  'yearly',
  'other',
] as const
export const ITEM_TYPES = [
  'text',
  'integer',
  'decimal',
  'money',
  'date',
  'datetime',
  'boolean',
  'memo',
  'binary',
] as const
export const LEVELS = ['core', 'important', 'general_4', 'general_3', 'general_2', 'general_1'] as const
export const METHODS = ['table', 'file', 'service'] as const
export const FORMAT_CLASSES = [
  'electronic_file',
  'spreadsheet',
  'database',
  'image',
  'stream',
  'self_describing',
  'service',
] as const
export const OPENNESS = ['unconditional', 'conditional', 'closed'] as const
export const BASIS_KINDS = ['law', 'administrative_regulation', 'state_council_decision'] as const
