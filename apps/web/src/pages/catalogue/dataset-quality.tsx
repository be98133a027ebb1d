import { listRuns, listSuites } from '@huitong/contract/governance'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { QueryTable } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { Exact, Moment } from '../../ui/marks.tsx'
import { Facts, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { Score } from '../governance/quality-columns.tsx'
import { useRunColumns } from '../governance/run-columns.tsx'

/** How good the data is: the latest score, the checks, and where a user says that a value is wrong. */
export function DatasetQuality({ datasetId }: { readonly datasetId: string }) {
  const { t } = useWords()
  const suites = useRead(listSuites, { query: { datasetId } })
  const columns = useRunColumns()
  const suite = suites.data?.items[0]
  return (
    <>
      {suite && (
        <Facts
          facts={[
            {
              label: t('quality.score'),
              value: <Score value={suite.latest?.score ?? null} none={t('quality.notChecked')} />,
            },
            { label: t('quality.findings'), value: <Exact value={suite.latest?.findings ?? null} /> },
            { label: t('quality.rules'), value: <Link to={paths.qualitySuite(suite.id)}>{suite.ruleCount}</Link> },
            { label: t('quality.latest'), value: <Moment at={suite.latest?.at ?? null} /> },
          ]}
        />
      )}
      <Section title={t('dataset.checks')}>
        <QueryTable
          endpoint={listRuns}
          query={{ datasetId }}
          columns={columns}
          rowKey={(row) => row.id}
          label={t('dataset.checks')}
          empty={t('dataset.qualityNone')}
        />
      </Section>
      <Section title={t('rail.coverage')}>
        <Link to={paths.bindings(datasetId)}>{t('dataset.standards')}</Link>
      </Section>
      <Section title={t('dataset.corrections')}>
        <Link to={paths.corrections(datasetId)}>{t('dataset.seeCorrections')}</Link>
      </Section>
    </>
  )
}
