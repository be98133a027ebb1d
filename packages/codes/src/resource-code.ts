/** The front part of a resource code: where a dataset stands in the classification. */
export interface ResourceClassification {
  /** 类, one digit. 1 基础, 2 主题, 3 部门 in the usual numbering. */
  kind: string
  /** 项, two digits. */
  item: string
  /** 目, three digits. */
  category: string
  /** 细目, any length, digits and Latin letters, may be empty. */
  detail: string
}

/** A resource code taken apart. */
export interface ResourceCode extends ResourceClassification {
  code: string
  /** 顺序码, the part behind the slash. */
  sequence: string
  /** Given by the platform until the authority assigns the official code. */
  provisional: boolean
}

/** How a jurisdiction writes resource codes; provinces have rules of their own, so this is replaceable. */
export interface ResourceCodeRule {
  name: string
  /** Undefined when the text is no code of this rule. */
  parse(text: string): ResourceCode | undefined
  /** Code of a classification and a sequence number of 1 and up. Throws RangeError naming the part that is wrong. */
  make(classification: ResourceClassification, sequence: number, provisional: boolean): string
}

export interface NationalRuleOptions {
  /** Digits that a sequence number is padded to; the guide leaves it to the place. */
  sequenceDigits?: number
  /** Mark in front of a provisional sequence: Latin letters, so that it can never equal an official one. */
  provisionalMark?: string
}

/**
 * 信息资源代码 of 《政务信息资源目录编制指南（试行）》 (发改高技〔2017〕1272号): front part 类 1 + 项 2 + 目 3 digits + 细目, a
 * slash, sequence. Official sequences made here are all digits; provisional ones start with the mark.
 */
export function nationalResourceCodeRule(options: NationalRuleOptions = {}): ResourceCodeRule {
  const { sequenceDigits = 6, provisionalMark = 'T' } = options
  if (!/^[A-Z]{1,4}$/.test(provisionalMark)) throw new RangeError('provisionalMark: 1 to 4 capital letters')
  if (!Number.isInteger(sequenceDigits) || sequenceDigits < 1 || sequenceDigits > 15) {
    throw new RangeError('sequenceDigits: 1 to 15')
  }
  return {
    name: '发改高技〔2017〕1272号',
    parse(text) {
      const match = /^([1-9])(\d{2})(\d{3})([0-9A-Za-z]{0,32})\/([0-9A-Za-z]{1,32})$/.exec(text)
      if (match === null) return undefined
      const [code, kind, item, category, detail, sequence] = match as unknown as [
        string,
        string,
        string,
        string,
        string,
        string,
      ]
      const provisional = sequence.startsWith(provisionalMark) && /^\d+$/.test(sequence.slice(provisionalMark.length))
      return { code, kind, item, category, detail, sequence, provisional }
    },
    make(classification, sequence, provisional) {
      const { kind, item, category, detail } = classification
      if (!/^[1-9]$/.test(kind)) throw new RangeError(`kind: one digit of 1 to 9, not ${JSON.stringify(kind)}`)
      if (!/^\d{2}$/.test(item)) throw new RangeError(`item: two digits, not ${JSON.stringify(item)}`)
      if (!/^\d{3}$/.test(category)) throw new RangeError(`category: three digits, not ${JSON.stringify(category)}`)
      if (!/^[0-9A-Za-z]{0,32}$/.test(detail)) throw new RangeError(`detail: up to 32 digits and letters`)
      if (!Number.isSafeInteger(sequence) || sequence < 1) throw new RangeError('sequence: an integer of 1 and up')
      const padded = String(sequence).padStart(sequenceDigits, '0')
      return `${kind}${item}${category}${detail}/${provisional ? provisionalMark : ''}${padded}`
    },
  }
}

/** Code for a dataset that has no official one yet, under the national rule unless another is given. */
export function provisionalResourceCode(
  classification: ResourceClassification,
  sequence: number,
  rule: ResourceCodeRule = nationalResourceCodeRule(),
): string {
  return rule.make(classification, sequence, true)
}
