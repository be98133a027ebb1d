import { buffer } from 'node:stream/consumers'
import { readConsent } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { query } from '../../kernel/verb.ts'
import { CONSENT_COLUMNS, consentKey, type ConsentRow, consentView, findSource } from './consent.ts'

/** One consent with its document. */
export const readConsentVerb = query<typeof readConsent>({
  endpoint: readConsent,
  audit: null,
  async run({ db, actor, now, services }, { params }) {
    await findSource(db, actor, params.id)
    const row = await db.one<ConsentRow>(
      sql`select ${CONSENT_COLUMNS} from source_consent where id = ${params.consentId} and source_id = ${params.id}`,
    )
    const content = await buffer(await services.objects.get(consentKey(row.sha256)))
    return { ...consentView(row, now), content: content.toString('base64') }
  },
})
