import { listRuleKinds, readSuite, startRun } from '@huitong/contract/governance'
import type { ReplyOf } from '@huitong/contract'
import { Link, useNavigate, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { DESIGN } from './design-words.ts'
import { Score } from './quality-columns.tsx'
import { SuiteHistory } from './suite-history.tsx'

type Suite = ReplyOf<typeof readSuite>

export default function SuitePage() {
  const { id = '' } = useParams()
  const read = useRead(readSuite, { params: { id } })
  return <Reading read={read}>{(suite) => <Shown suite={suite} />}</Reading>
}

function Shown({ suite }: { readonly suite: Suite }) {
  const { t, say } = useWords()
  return (
    <>
      <PageHead title={t('suite.title', { name: say(suite.datasetName) })} actions={<Start suite={suite} />} />
      <Facts
        facts={[
          { label: t('quality.department'), value: say(suite.departmentName) },
          { label: say(CHECKS['suite.days']), value: t('suite.daysValue', { days: suite.repairWorkingDays }) },
          { label: say(CHECKS['suite.version']), value: suite.version },
          {
            label: t('quality.score'),
            value: <Score value={suite.latest?.score ?? null} none={t('quality.notChecked')} />,
          },
          { label: t('quality.latest'), value: <Moment at={suite.latest?.at ?? null} /> },
        ]}
      />
      <Section title={t('rail.suites')}>
        <Rules rules={suite.rules} />
      </Section>
      <SuiteHistory suiteId={suite.id} />
    </>
  )
}

function Start({ suite }: { readonly suite: Suite }) {
  const { t, say } = useWords()
  const can = useCan()
  const toast = useToast()
  const navigate = useNavigate()
  const act = useAct(startRun)
  if (!can('quality.manage')) return null
  const start = async () => {
    const run = await act.run({ params: { id: suite.id } }).catch(() => null)
    if (!run) return
    toast.good(say(CHECKS['suite.started']))
    void navigate(paths.qualityRun(run.id))
  }
  return (
    <>
      <Link to={paths.recipe(suite.datasetId)}>{t('rail.recipes')}</Link>
      <Link to={paths.ruleDesign(suite.datasetId)}>{say(DESIGN.write)}</Link>
      <ActionButton
        type="primary"
        allowance={{ allowed: true, reason: null }}
        loading={act.busy}
        onClick={() => void start()}
      >
        {say(CHECKS['suite.check'])}
      </ActionButton>
      {act.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={act.problem} />
        </div>
      )}
    </>
  )
}

function Rules({ rules }: { readonly rules: Suite['rules'] }) {
  const { t, say } = useWords()
  const kinds = useRead(listRuleKinds, {})
  const kindOf = new Map(kinds.data?.items.map((one) => [one.kind, one]))
  const columns: Column<Suite['rules'][number]>[] = [
    {
      title: say(CHECKS['suite.rule']),
      key: 'rule',
      width: 260,
      render: (row) => (
        <span className="ht-two">
          {say(row.name)}
          <small className="ht-code">{row.code}</small>
        </span>
      ),
    },
    {
      title: say(CHECKS['suite.kind']),
      key: 'kind',
      width: 160,
      render: (row) => say(kindOf.get(row.kind)?.words ?? { zh: row.kind }),
    },
    {
      title: say(CHECKS['run.indicator']),
      key: 'indicator',
      width: 180,
      render: (row) => say(kindOf.get(row.kind)?.indicatorWords ?? { zh: '–' }),
    },
    {
      title: say(CHECKS['suite.asks']),
      key: 'asks',
      render: (row) => say(row.asks),
    },
  ]
  return (
    <ListTable
      label={t('rail.suites')}
      columns={columns}
      rows={rules}
      rowKey={(row) => row.code}
      loading={false}
      empty={say(CHECKS['suite.none'])}
    />
  )
}
