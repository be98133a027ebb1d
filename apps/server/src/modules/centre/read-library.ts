import { readLibrary } from '@huitong/contract/centre'
import { query } from '../../kernel/verb.ts'
import { libraryView } from './library.ts'

/** What a base library is made of, and which landed tables could join it. */
export const readLibraryVerb = query<typeof readLibrary>({
  endpoint: readLibrary,
  audit: null,
  run: ({ db, services }, { params }) => libraryView(db, services.centre.database, params.library),
})
