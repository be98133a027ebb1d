import type { ElementContent } from '@huitong/contract/data-standards'

/** The content of a data element as its form holds it: the code set in two fields, synonyms as one text. */
export interface ElementValues extends Omit<ElementContent, 'codeSet' | 'synonyms'> {
  identifier?: string
  codeSetId?: string
  codeSetLabel?: string
  synonyms?: string
}

/** What is sent: empty fields are left out. */
export function elementOf({
  identifier: _identifier,
  codeSetId,
  codeSetLabel,
  synonyms,
  name,
  ...rest
}: ElementValues): ElementContent {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const listed = (synonyms ?? '')
    .split(/[、,，\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
  return {
    // The form asks for what must be there; the server answers for the rest.
    ...(Object.fromEntries(given) as unknown as Omit<ElementContent, 'name'>),
    name: { zh: name.zh, ...(name.en ? { en: name.en } : {}) },
    ...(listed.length > 0 ? { synonyms: listed } : {}),
    ...(codeSetId && codeSetLabel ? { codeSet: { id: codeSetId, label: codeSetLabel } } : {}),
  }
}

export const valuesOf = ({ codeSet, synonyms, ...rest }: ElementContent): ElementValues => ({
  ...rest,
  ...(synonyms ? { synonyms: synonyms.join('、') } : {}),
  ...(codeSet ? { codeSetId: codeSet.id, codeSetLabel: codeSet.label } : {}),
})
