import type { Permission, Words } from '@huitong/contract'
import type { RequestStep } from '@huitong/contract/catalogue'

interface Step {
  readonly words: Words
  readonly permission: Permission
  /** Whose people act: the applicant's, the provider's, or the jurisdiction's (centre, authority). */
  readonly side: 'applicant' | 'provider' | 'jurisdiction'
  /** The regulation asks for it: no template may leave it out. */
  readonly legal: string | null
  readonly decisions: readonly ('agree' | 'refuse' | 'return')[]
}

/** The chain of signatures (DESIGN 5.2). A template chooses among these, in this order. */
export const STEPS: Readonly<Record<RequestStep, Step>> = {
  head_sign: {
    words: { zh: '需求方负责人签发', en: 'Head of the applicant signs' },
    permission: 'request.sign',
    side: 'applicant',
    legal: '政务数据共享条例 第20条',
    decisions: ['agree', 'return', 'refuse'],
  },
  // Direct refusal for incomplete material is forbidden (条例 21): the check returns it naming what is missing.
  form_check: {
    words: { zh: '大数据中心形式审查', en: 'Data centre checks the form' },
    permission: 'request.check',
    side: 'jurisdiction',
    legal: null,
    decisions: ['agree', 'return'],
  },
  authority_accept: {
    words: { zh: '主管部门受理', en: 'Authority accepts' },
    permission: 'request.accept',
    side: 'jurisdiction',
    legal: null,
    decisions: ['agree', 'return'],
  },
  provider_answer: {
    words: { zh: '提供方经办答复', en: 'Provider answers' },
    permission: 'request.answer',
    side: 'provider',
    legal: '政务数据共享条例 第21条',
    decisions: ['agree', 'refuse', 'return'],
  },
  provider_sign: {
    words: { zh: '提供方负责人签发', en: 'Head of the provider signs' },
    permission: 'request.answer_sign',
    side: 'provider',
    legal: '政务数据共享条例 第20条',
    decisions: ['agree', 'return'],
  },
  centre_configure: {
    words: { zh: '大数据中心配置', en: 'Data centre configures' },
    permission: 'request.configure',
    side: 'jurisdiction',
    legal: null,
    decisions: [],
  },
  applicant_confirm: {
    words: { zh: '需求方确认', en: 'Applicant confirms' },
    permission: 'request.confirm',
    side: 'applicant',
    legal: null,
    decisions: ['agree', 'return'],
  },
}

export const STEP_ORDER = Object.keys(STEPS) as RequestStep[]

/** Templates that a jurisdiction starts with. */
export const INITIAL_TEMPLATES: Readonly<Record<'unconditional' | 'conditional', readonly RequestStep[]>> = {
  unconditional: [
    'head_sign',
    'form_check',
    'provider_answer',
    'provider_sign',
    'centre_configure',
    'applicant_confirm',
  ],
  conditional: STEP_ORDER,
}
