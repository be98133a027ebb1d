import { listGrants } from '@huitong/contract/catalogue'
import { listAll } from '../city/populate.ts'
import { canonical, isSigned, keyName, platformKey } from '../run/signatures.ts'
import { beginningOf, chinaDay } from '../run/working-days.ts'
import { faultsOf, needed, type Outcome, type PlantedRequest, type Step, type World } from '../run/world.ts'
import { provinceFilter } from './requests.ts'

export interface GrantFigures {
  grants: number
  signatures_valid: number
  forged_rejected: boolean
  items: string[]
  province: string
  masks: string[]
  valid_from: string
  valid_until: string
}

/** The domain that keeps a signature over a grant from passing for one over anything else. */
const DOMAIN = 'huitong/grant/v1'

interface GrantDocument {
  requestId: string
  items: string[]
  rowFilter: unknown
  masks: { item: string; mask: string }[]
  purpose: string
  validFrom: string
  validUntil: string
}

/** The answers are signed grants: signature, items, rows, masks and period are checked against what was planted. */
async function run(world: World): Promise<Outcome<GrantFigures>> {
  const planted = [
    needed(world.made.provinceRequest, 'the first request'),
    needed(world.made.wholeRequest, 'the second request'),
  ]
  if (world.sabotage === 'grant') await alter(world, planted[0]!.id, '"codex"')
  try {
    const officer = await world.as('zhujian-officer')
    const grants = await listAll(officer, listGrants)
    const mine = planted.map((one) => grants.find((grant) => grant.requestId === one.id))
    const [province, whole] = mine.map((one) => needed(one, 'the grant'))
    world.made.provinceGrantId = province!.id
    world.made.wholeGrantId = whole!.id
    const key = platformKey(world.platform.dataDir, 'consumer')
    const valid = [province!, whole!].filter(
      (one) => one.keyId === keyName(key) && isSigned(key, DOMAIN, canonical(one.document), one.signature),
    )
    const document = province!.document as GrantDocument
    const forged = { ...document, items: [...document.items, 'street_code'] }
    const figures: GrantFigures = {
      grants: mine.filter((one) => one !== undefined).length,
      signatures_valid: valid.length,
      forged_rejected: !isSigned(key, DOMAIN, canonical(forged), province!.signature),
      items: document.items,
      province: planted[0]!.province!,
      masks: document.masks.map(({ item, mask }) => `${item}:${mask}`),
      valid_from: document.validFrom,
      valid_until: document.validUntil,
    }
    const faults = faultsOf({
      'both grants are signed by the key that the node was given': figures.signatures_valid === 2,
      'a grant with one item more does not verify': figures.forged_rejected,
      'the first grant says what was answered': says(document, planted[0]!),
      'the second grant says what was answered': says(whole!.document as GrantDocument, planted[1]!),
    })
    return { figures, faults }
  } finally {
    if (world.sabotage === 'grant') await alter(world, planted[0]!.id, '"code"')
  }
}

/** Behind the platform's back, as the database's superuser. */
async function alter(world: World, requestId: string, first: '"code"' | '"codex"'): Promise<void> {
  const other = first === '"code"' ? '"codex"' : '"code"'
  await world.platformSql.rows(
    `update access_grant set document = replace(document, '"items":[${other}', '"items":[${first}') where request_id = $1`,
    [requestId],
  )
}

function says(document: GrantDocument, planted: PlantedRequest): boolean {
  const filter = planted.province === null ? { op: 'true' } : provinceFilter(planted.province)
  // The last day of the period counts whole.
  const end = beginningOf(chinaDay(beginningOf(planted.until), 1))
  return (
    document.requestId === planted.id &&
    [...document.items].sort().join() === [...planted.items].sort().join() &&
    canonical(document.rowFilter) === canonical(filter) &&
    canonical(document.masks) === canonical(planted.masks) &&
    document.purpose === planted.purpose &&
    document.validFrom === beginningOf(planted.from).toISOString() &&
    document.validUntil === end.toISOString()
  )
}

export const grant: Step<GrantFigures> = { number: 5, name: 'grant', run }
