import { setLibrary } from '@huitong/contract/centre'
import { sql } from 'kysely'
import { place, refuse } from '../../kernel/errors.ts'
import { command } from '../../kernel/verb.ts'
import { selectLanded, type LandedRow } from '../exchange/index.ts'
import { libraryView } from './library.ts'

/** Names the landed tables of a base library and the item of each that holds the number. */
export const setLibraryVerb = command<typeof setLibrary>({
  endpoint: setLibrary,
  audit: ({ params, body }) => ({
    objectKind: 'library',
    objectId: params.library,
    detail: { parts: body.parts.map((one) => `${one.channelId}:${one.keyItem}`) },
  }),
  async run({ db, actor, services }, { params, body }) {
    const landed = await db.many<LandedRow>(sql`${selectLanded(services.centre.database)}`)
    const places = body.parts.flatMap(({ channelId, keyItem }, index) => {
      const row = landed.find((one) => one.id === channelId)
      if (!row) return [place(`/parts/${index}/channelId`, '不是落地到资源中心的表', 'has not landed in the centre')]
      if (body.parts.findIndex((one) => one.channelId === channelId) < index)
        return [place(`/parts/${index}/channelId`, '同一张表只能列一次', 'listed twice')]
      if (!row.columns.some((one) => one.item === keyItem))
        return [place(`/parts/${index}/keyItem`, '该表没有这个信息项', 'no such item in this table')]
      return []
    })
    if (places.length > 0) refuse('request.invalid', { places })
    await db.run(
      sql`delete from library_part where jurisdiction = ${actor.jurisdiction} and library = ${params.library}`,
    )
    for (const [position, { channelId, keyItem }] of body.parts.entries())
      await db.run(sql`insert into library_part (jurisdiction, library, position, channel_id, key_item)
        values (${actor.jurisdiction}, ${params.library}, ${position}, ${channelId}, ${keyItem})`)
    return libraryView(db, services.centre.database, params.library)
  },
})
