import { listRuleKinds } from '@huitong/contract/governance'
import { INDICATORS, RULE_TYPES } from '@huitong/quality'
import { query } from '../../kernel/verb.ts'

/** Kinds of rules with the schemas of their parameters: the designer's forms are made from these. */
export const listRuleKindsVerb = query<typeof listRuleKinds>({
  endpoint: listRuleKinds,
  audit: null,
  run: async () => ({
    items: [...RULE_TYPES.values()].map(({ kind, words, indicator, parameters }) => {
      const { dimension, zh, en } = INDICATORS[indicator]
      return { kind, words, dimension, indicator, indicatorWords: { zh, en }, parameters }
    }),
  }),
})
