import { readCheckpoint, readLedgerKey, readTile } from '@huitong/contract/evidence'
import { parseTilePath } from '@huitong/ledger'
import { refuse } from '../../kernel/errors.ts'
import { bytes, query, type Verb } from '../../kernel/verb.ts'
import type { Ledger } from './ledger.ts'

/** The log as C2SP tlog-tiles asks: checkpoint, tiles and bundles for anyone; leaves hold commitments only. */
export const publicLedgerVerbs = (ledger: Ledger): readonly Verb[] => [
  query<typeof readCheckpoint>({
    endpoint: readCheckpoint,
    rows: 'system',
    audit: null,
    run: async () => bytes({ contentType: 'text/plain; charset=utf-8', body: Buffer.from(await ledger.checkpoint()) }),
  }),
  query<typeof readLedgerKey>({
    endpoint: readLedgerKey,
    rows: 'system',
    audit: null,
    run: async ({ services }) => ({
      origin: ledger.origin,
      verifierKey: ledger.verifierKey,
      documentKey: services.keys.signing.publicKey.toString('base64'),
    }),
  }),
  query<typeof readTile>({
    endpoint: readTile,
    rows: 'system',
    audit: null,
    async run(_context, { params }) {
      const path = `tile/${params['*']}`
      if (parseTilePath(path) === undefined) refuse('object.not_found')
      const body = await ledger.store.fetch(path)
      if (body === undefined) refuse('object.not_found')
      return bytes({ contentType: 'application/octet-stream', body: Buffer.from(body), immutable: true })
    },
  }),
]
