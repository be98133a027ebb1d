import { CATALOGUE_WORDS } from './catalogue.ts'
import { CHOICES_WORDS } from './choices.ts'
import { EXCHANGE_WORDS } from './exchange.ts'
import { GOVERNANCE_WORDS } from './governance.ts'
import { OPERATIONS_WORDS } from './operations.ts'
import { PLATFORM_WORDS } from './platform.ts'
import { REQUESTS_WORDS } from './requests.ts'
import { SEARCH_WORDS } from './search.ts'
import { SERVICES_WORDS } from './services.ts'
import { SHELL_WORDS } from './shell.ts'

/** The words of the pages in both languages, from one file per area; kinds of objects are loaded by the pages of evidence alone. */
export const dictionary = {
  ...SHELL_WORDS,
  ...CHOICES_WORDS,
  ...CATALOGUE_WORDS,
  ...SEARCH_WORDS,
  ...REQUESTS_WORDS,
  ...EXCHANGE_WORDS,
  ...PLATFORM_WORDS,
  ...GOVERNANCE_WORDS,
  ...OPERATIONS_WORDS,
  ...SERVICES_WORDS,
} as const

export type WordKey = keyof typeof dictionary
