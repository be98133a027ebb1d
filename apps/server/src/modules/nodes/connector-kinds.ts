import {
  files,
  gaussdb,
  kingbase,
  mysql,
  postgresql,
  s3,
  sftp,
  sqlite,
  UPLOADED,
  type ConnectorDescription,
} from '@huitong/connectors'
import { listConnectorKinds } from '@huitong/contract/nodes'
import { query } from '../../kernel/verb.ts'

/** The kinds of sources that nodes can reach, by name. A new connector is one line here. */
export const CONNECTOR_KINDS: Readonly<Record<string, ConnectorDescription>> = Object.fromEntries(
  [
    ...[postgresql, mysql, sqlite, files, sftp, s3, kingbase, gaussdb].map((connector) => connector.describe()),
    UPLOADED,
  ].map((description) => [description.kind, description]),
)

/** Kinds of connectors with the schema of their settings, from which pages draw their forms. */
export const listConnectorKindsVerb = query<typeof listConnectorKinds>({
  endpoint: listConnectorKinds,
  audit: null,
  async run() {
    return {
      items: Object.values(CONNECTOR_KINDS).map(({ kind, words, settingsSchema, capabilities }) => ({
        kind,
        words,
        settingsSchema,
        capabilities: { ...capabilities },
      })),
    }
  },
})
