import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { isIsoDate } from '@huitong/codes'
import { CONSENT_BYTES_MAX, giveConsent } from '@huitong/contract/nodes'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { CONSENT_COLUMNS, consentKey, type ConsentRow, consentView, findSource } from './consent.ts'

/** How the documents that are taken begin. */
const KINDS: readonly (readonly [string, Buffer])[] = [
  ['application/pdf', Buffer.from('%PDF-')],
  ['image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff])],
]

/** Keeps a department's written consent with its data source. The document is durable before the row says so. */
export const giveConsentVerb = command<typeof giveConsent>({
  endpoint: giveConsent,
  audit: ({ params, body }, reply) => ({
    objectKind: 'data_source',
    objectId: params.id,
    detail: { consent: reply.id, until: body.validUntil, sha256: reply.sha256 },
  }),
  async run({ db, actor, now, services }, { params, body }) {
    const source = await findSource(db, actor, params.id)
    if (source.front_database)
      refuse('object.state', { places: [place('', '前置库不需要书面同意', 'a front database needs no consent')] })
    for (const name of ['validFrom', 'validUntil'] as const)
      if (!isIsoDate(body[name]))
        refuse('request.invalid', { places: [place(`/${name}`, '不是日期', 'not a day of the calendar')] })
    if (body.validUntil < body.validFrom)
      refuse('request.invalid', { places: [place('/validUntil', '早于生效日期', 'before it begins')] })
    const content = Buffer.from(body.content, 'base64')
    const mediaType = KINDS.find(([, head]) => content.subarray(0, head.length).equals(head))?.[0]
    if (mediaType === undefined)
      refuse('request.invalid', {
        places: [place('/content', '只接受 PDF、PNG 或 JPEG', 'neither PDF nor PNG nor JPEG')],
      })
    if (content.length > CONSENT_BYTES_MAX)
      refuse('request.invalid', { places: [place('/content', '文件超过 5 MB', 'larger than 5 MB')] })
    const sha256 = createHash('sha256').update(content).digest('hex')
    await services.objects.putIfAbsent(consentKey(sha256), Readable.from([content]), { sha256, bytes: content.length })
    const row =
      await db.one<ConsentRow>(sql`insert into source_consent (id, jurisdiction, department_id, source_id, number,
        signed_by, valid_from, valid_until, file_name, media_type, sha256, bytes, uploaded_by, created_at)
      values (${randomUUID()}, ${source.jurisdiction}, ${source.department_id}, ${source.id}, ${body.number}, ${body.signedBy},
        ${body.validFrom}, ${body.validUntil}, ${body.fileName}, ${mediaType}, ${sha256}, ${content.length}, ${actor.id}, ${now})
      returning ${CONSENT_COLUMNS}`)
    return consentView(row, now)
  },
})
