import type { Mask } from './mask.ts'

/** What an item says of itself in the catalogue. */
export interface ItemWords {
  readonly code: string
  readonly name: string
  readonly personal: boolean
}

const RULES: readonly (readonly [pattern: RegExp, mask: Mask])[] = [
  [/身份证|公民身份号码|证件号|^id_number$|_id(_number)?$/, 'id_number'],
  [/电话|手机|联系方式|^(tele)?phone$|^mobile$/, 'phone'],
  [/姓名|法定代表人|负责人|经营者|^legal_person$|^person_name$/, 'name'],
  [/住址|地址|^address$/, 'null'],
]

/**
 * How an item is shown to somebody who has stated no purpose (基础库 by default): names, numbers, phones and addresses
 * of people are masked, whatever masks the grant itself carries. Items that are not of a person stay as they are.
 */
export function viewMask({ code, name, personal }: ItemWords): Mask | null {
  for (const [pattern, mask] of RULES) {
    if (!pattern.test(name) && !pattern.test(code)) continue
    // A firm's address is public; a person's is not.
    if (mask === 'null' && !personal) return null
    return mask
  }
  return personal && code === 'name' ? 'name' : null
}

/**
 * How an item is shown in a preview, where nobody is looked up and no purpose is stated: what is of a person and has no
 * mask of its own is left empty.
 */
export function previewMask(item: ItemWords): Mask | null {
  return viewMask(item) ?? (item.personal ? 'null' : null)
}
