import { readCheckpoint } from '@huitong/contract/evidence'
import { addressOf, ERRORS } from '@huitong/contract'
import { useQuery } from '@tanstack/react-query'
import { Count, Mark } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { readCheckpointNote } from './checkpoint.ts'

const EVERY_MS = 10_000

/** The latest checkpoint of the log, in one line. */
export function CheckpointFacts() {
  const { t, listed } = useWords()
  const read = useQuery({
    queryKey: [readCheckpoint.id],
    refetchInterval: EVERY_MS,
    // A signed note is text, not JSON.
    queryFn: async ({ signal }) => {
      const response = await fetch(addressOf(readCheckpoint), { signal })
      if (response.ok) return readCheckpointNote(await response.text())
      if (response.status === ERRORS['object.not_found'].status) return null
      throw new Error(`checkpoint: ${response.status}`)
    },
  })
  return (
    <p className="ht-checkpoint">
      {read.data ? (
        <>
          <span>
            {t('evidence.height')} <Count value={read.data.height} />
          </span>
          <span>
            {t('evidence.root')} <code title={read.data.root}>{read.data.root.slice(0, 16)}…</code>
          </span>
          <span>
            {t('evidence.signers')} {listed(read.data.signers)}
          </span>
        </>
      ) : read.isPending ? (
        '\u00a0'
      ) : (
        <Mark tone="wait">{t(read.isError ? 'evidence.checkpointUnread' : 'evidence.noCheckpoint')}</Mark>
      )}
    </p>
  )
}
