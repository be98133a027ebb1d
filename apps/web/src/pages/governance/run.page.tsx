import {
  exportFindings,
  exportWorkbook,
  listFindings,
  openWorkOrder,
  readRun,
  WORKBOOK_ROWS_MAX,
} from '@huitong/contract/governance'
import { addressOf, type ReplyOf } from '@huitong/contract'
import { Alert, Button, Select, Space } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { QueryTable, useFilter } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, Exact, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { useFindingColumns } from './finding-columns.tsx'
import { Score } from './quality-columns.tsx'
import { RunComparison } from './run-comparison.tsx'

type Run = ReplyOf<typeof readRun>
const EVERY_MS = 2_000

export default function RunPage() {
  const { id = '' } = useParams()
  const read = useRead(
    readRun,
    { params: { id } },
    { everyMs: (run) => (run?.state === 'queued' || run?.state === 'running' ? EVERY_MS : false) },
  )
  return <Reading read={read}>{(run) => <Shown run={run} />}</Reading>
}

function Shown({ run }: { readonly run: Run }) {
  const { t, say, choice } = useWords()
  const can = useCan()
  return (
    <>
      <PageHead
        title={t('run.title', { name: say(run.datasetName) })}
        code={run.number}
        state={<State list="runState" value={run.state} />}
        facts={`${choice('runKind', run.kind)} · ${say(run.departmentName)}`}
        actions={<Send run={run} />}
      />
      {run.problem && <Alert className="ht-error" type="error" showIcon title={say(run.problem)} />}
      <Facts facts={useFacts(run)} />
      {run.state === 'done' && (
        <>
          <Section title={say(CHECKS['run.scores'])}>
            <Scores run={run} />
          </Section>
          <Section title={say(CHECKS['run.results'])}>
            <Results run={run} />
          </Section>
          {run.kind === 'full' && <RunComparison run={run} />}
          {can('finding.read') && (
            <Section title={say(CHECKS['run.findings'])} extra={<Export run={run} />}>
              <Findings run={run} />
            </Section>
          )}
        </>
      )}
    </>
  )
}

/** All failing rows as a file, in the language of the page. */
function Export({ run }: { readonly run: Run }) {
  const { say, language } = useWords()
  if (run.findings === '0') return null
  return (
    <Space>
      <Button size="small" href={addressOf(exportFindings, { params: { id: run.id }, query: { language } })} download>
        {say(CHECKS['run.export'])}
      </Button>
      {Number(run.findings) <= WORKBOOK_ROWS_MAX && (
        <Button size="small" href={addressOf(exportWorkbook, { params: { id: run.id }, query: { language } })} download>
          {say(CHECKS['run.exportWorkbook'])}
        </Button>
      )}
    </Space>
  )
}

function useFacts(run: Run) {
  const { t, say } = useWords()
  const seconds = run.milliseconds === null ? null : (run.milliseconds / 1000).toFixed(1)
  return [
    { label: t('quality.score'), value: <Score value={run.score} /> },
    { label: t('quality.rows'), value: <Exact value={run.rows} /> },
    { label: t('quality.findings'), value: <Exact value={run.findings} /> },
    {
      label: t('quality.rules'),
      value: (
        <>
          <Exact value={run.ruleCount} /> ({say(CHECKS['suite.version'])} {run.suiteVersion})
        </>
      ),
    },
    { label: say(CHECKS['run.scans']), value: <Exact value={run.scans} /> },
    { label: say(CHECKS['run.seconds']), value: seconds === null ? '–' : t('run.secondsValue', { seconds }) },
    {
      label: say(CHECKS['run.generation']),
      value:
        run.generation === null
          ? '–'
          : t('run.generationValue', { generation: run.generation, changes: run.changes ?? 0 }),
    },
    { label: t('quality.at'), value: <Moment at={run.finishedAt ?? run.createdAt} /> },
  ]
}

function Send({ run }: { readonly run: Run }) {
  const { say } = useWords()
  const can = useCan()
  const toast = useToast()
  const navigate = useNavigate()
  const act = useAct(openWorkOrder)
  if (run.workOrderId !== null) return <Link to={paths.workOrder(run.workOrderId)}>{say(CHECKS['run.order'])}</Link>
  if (!can('quality.manage') || run.state !== 'done' || run.kind !== 'full' || run.findings === '0') return null
  const send = async () => {
    const order = await act.run({ params: { id: run.id } }).catch(() => null)
    if (!order) return
    toast.good(say(CHECKS['run.sent']))
    void navigate(paths.workOrder(order.id))
  }
  return (
    <>
      <ActionButton
        type="primary"
        allowance={{ allowed: true, reason: null }}
        loading={act.busy}
        onClick={() => void send()}
      >
        {say(CHECKS['run.send'])}
      </ActionButton>
      {act.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={act.problem} />
        </div>
      )}
    </>
  )
}

function Scores({ run }: { readonly run: Run }) {
  const { t, say } = useWords()
  const columns: Column<Run['scores'][number]>[] = [
    { title: say(CHECKS['run.dimension']), key: 'dimension', render: (row) => say(row.words) },
    {
      title: say(CHECKS['run.judged']),
      key: 'judged',
      width: 140,
      align: 'right',
      render: (row) => <Count value={row.judged} />,
    },
    {
      title: say(CHECKS['run.right']),
      key: 'right',
      width: 140,
      align: 'right',
      render: (row) => <Count value={row.right} />,
    },
    {
      title: t('quality.score'),
      key: 'score',
      width: 140,
      align: 'right',
      render: (row) => <Score value={row.score} none={t('quality.notJudged')} />,
    },
  ]
  return (
    <ListTable
      label={say(CHECKS['run.scores'])}
      columns={columns}
      rows={run.scores}
      rowKey={(row) => row.dimension}
      loading={false}
      empty={t('quality.notChecked')}
    />
  )
}

function Results({ run }: { readonly run: Run }) {
  const { t, say } = useWords()
  const columns: Column<Run['results'][number]>[] = [
    {
      title: say(CHECKS['suite.rule']),
      key: 'rule',
      render: (row) => (
        <span className="ht-two">
          {say(row.name)}
          <small>{say(row.kindWords)}</small>
        </span>
      ),
    },
    { title: say(CHECKS['run.indicator']), key: 'indicator', width: 220, render: (row) => say(row.indicatorWords) },
    {
      title: say(CHECKS['run.judged']),
      key: 'judged',
      width: 140,
      align: 'right',
      render: (row) => <Count value={row.judged} />,
    },
    {
      title: say(CHECKS['run.broken']),
      key: 'broken',
      width: 140,
      align: 'right',
      render: (row) => <Exact value={row.broken} />,
    },
  ]
  return (
    <ListTable
      label={say(CHECKS['run.results'])}
      columns={columns}
      rows={run.results}
      rowKey={(row) => row.code}
      loading={false}
      empty={t('quality.notChecked')}
    />
  )
}

function Findings({ run }: { readonly run: Run }) {
  const { t, say } = useWords()
  const [rule, setRule] = useFilter('rule')
  const columns = useFindingColumns(run.results, run.key)
  return (
    <>
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <Select
          aria-label={say(CHECKS['suite.rule'])}
          className="ht-filter-select"
          style={{ minWidth: 240 }}
          allowClear
          placeholder={say(CHECKS['run.allRules'])}
          value={rule}
          onChange={setRule}
          options={run.results.map((one) => ({ value: one.code, label: say(one.name) }))}
        />
      </div>
      <QueryTable
        endpoint={listFindings}
        params={{ id: run.id }}
        query={rule ? { rule } : {}}
        columns={columns}
        rowKey={(row) => row.key.join('/')}
        label={say(CHECKS['run.findings'])}
        empty={say(CHECKS['run.clean'])}
      />
    </>
  )
}
