import type { ElementContent } from '@huitong/contract/data-standards'

/** 表示格式 as GB/T 19488.1 writes it: `c18` for so many characters exactly, `c..50` for up to so many, `n..18,2`, `YYYY-MM-DD`. */
export function elementFormat({ type, minLength, maxLength, digits, scale }: ElementContent): string {
  switch (type) {
    case 'text': {
      if (maxLength === undefined) return 'c..ul'
      if (minLength === maxLength) return `c${maxLength}`
      return minLength ? `c${minLength}..${maxLength}` : `c..${maxLength}`
    }
    case 'integer':
      return digits === undefined ? 'n' : `n..${digits}`
    case 'decimal':
      return digits === undefined ? 'n' : `n..${digits}${scale === undefined ? '' : `,${scale}`}`
    case 'date':
      return 'YYYY-MM-DD'
    case 'datetime':
      return 'YYYY-MM-DD hh:mm:ss'
    case 'boolean':
      return 'bl'
  }
}
