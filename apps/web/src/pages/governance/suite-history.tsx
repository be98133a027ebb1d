import { listSuiteVersions } from '@huitong/contract/rule-design'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { fill, useWords } from '../../words/index.ts'
import { DESIGN } from './design-words.ts'

/** The versions of a suite: who changed what, and how many checks were made by each. */
export function SuiteHistory({ suiteId }: { readonly suiteId: string }) {
  const { t, say } = useWords()
  const said = (row: RowOf<typeof listSuiteVersions>) =>
    (['added', 'removed', 'changed'] as const)
      .filter((what) => row[what].length > 0)
      .map((what) => fill(say(DESIGN[what]), { codes: row[what].join(', ') }))
  const columns: Column<RowOf<typeof listSuiteVersions>>[] = [
    { title: say(DESIGN.version), key: 'version', width: 80, align: 'right', render: (row) => row.version },
    { title: t('quality.at'), key: 'at', width: 180, render: (row) => <Moment at={row.at} /> },
    { title: say(DESIGN.person), key: 'by', width: 120, render: (row) => row.by },
    {
      title: t('quality.rules'),
      key: 'rules',
      width: 90,
      align: 'right',
      render: (row) => <Exact value={row.rules.length} />,
    },
    { title: say(DESIGN.rule), key: 'what', render: (row) => said(row).join(' · ') || '–' },
    { title: say(DESIGN.checks), key: 'runs', width: 110, align: 'right', render: (row) => <Exact value={row.runs} /> },
  ]
  return (
    <Section title={say(DESIGN.history)}>
      <QueryTable
        endpoint={listSuiteVersions}
        params={{ id: suiteId }}
        columns={columns}
        rowKey={(row) => String(row.version)}
        label={say(DESIGN.history)}
        empty={say(DESIGN.noVersions)}
        at="version"
      />
    </Section>
  )
}
