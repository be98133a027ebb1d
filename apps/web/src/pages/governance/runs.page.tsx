import { listRuns } from '@huitong/contract/governance'
import { QueryTable, useFilter } from '../../parts/query-table.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { useRunColumns } from './run-columns.tsx'

export default function RunsPage() {
  const { t, say } = useWords()
  const [datasetId] = useFilter('datasetId')
  const columns = useRunColumns()
  return (
    <>
      <PageHead title={t('rail.runs')} />
      <QueryTable
        endpoint={listRuns}
        query={datasetId ? { datasetId } : {}}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.runs')}
        empty={say(CHECKS['run.none'])}
        everyMs={5_000}
      />
    </>
  )
}
