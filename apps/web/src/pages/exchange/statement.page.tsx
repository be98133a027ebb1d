import { readLedgerKey } from '@huitong/contract/evidence'
import { readStatement } from '@huitong/contract/exchange'
import type { ReplyOf } from '@huitong/contract'
import { Button } from 'antd'
import { Link, useParams } from 'react-router'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useWords } from '../../words/index.ts'
import { REJECTS } from './reject-words.ts'
import { STATEMENT } from './statement-words.ts'
import { FILES } from './file-words.ts'

type Statement = ReplyOf<typeof readStatement>
type Run = Statement['content']['runs'][number]
type Batch = Statement['content']['batches'][number]
type StatedFile = NonNullable<Statement['content']['files']>[number]
type Compared = Statement['content']['reconciliations'][number]

const STATIONS = ['source', 'rejected', 'sealed', 'received', 'applied'] as const
/** Records are set aside of files alone: elsewhere that station is left out. */
const stationsOf = (rows: readonly Run['rows'][]) =>
  STATIONS.filter((station) => station !== 'rejected' || rows.some(({ rejected }) => rejected !== undefined))
/** More batches than these are in the signed file; a page, and paper, stays readable. */
const BATCHES_SHOWN = 500

export default function StatementPage() {
  const { id = '' } = useParams()
  const read = useRead(readStatement, { params: { id } })
  return <Reading read={read}>{(statement) => <Shown statement={statement} />}</Reading>
}

/** A statement as it was signed: to read, to print, to keep. */
function Shown({ statement }: { readonly statement: Statement }) {
  const { t, say } = useWords()
  const { content, report } = statement
  const save = () => saveFile(`${statement.number}.json`, JSON.stringify(report, null, 2), 'application/json')
  return (
    <>
      <PageHead
        title={t('statement.title', { name: say(content.dataset.name) })}
        code={statement.number}
        state={<State list="statementState" value={statement.state} />}
        facts={t('statement.days', { from: statement.from, to: statement.to })}
        actions={
          <>
            <Button type="primary" onClick={() => window.print()}>
              {say(STATEMENT['statement.print'])}
            </Button>
            <Button onClick={save}>{say(STATEMENT['statement.save'])}</Button>
          </>
        }
      />
      <Section title={say(STATEMENT['statement.parties'])}>
        <Parties statement={statement} />
      </Section>
      <Section title={say(STATEMENT['statement.totals'])}>
        <Facts
          facts={stationsOf([content.totals.rows]).map((station) => ({
            label: station === 'rejected' ? say(REJECTS.rejected) : t(`statement.${station}`),
            value: <Exact value={content.totals.rows[station] ?? null} />,
          }))}
        />
        <p className="ht-quiet">
          {t('statement.totalsHelp', { runs: content.totals.runs, batches: content.totals.batches })}
        </p>
      </Section>
      <Section title={say(STATEMENT['statement.runs'])}>
        <Runs runs={content.runs} />
      </Section>
      {content.files && (
        <Section title={say(FILES.tab)}>
          <StatedFiles files={content.files} />
        </Section>
      )}
      <Section title={say(STATEMENT['statement.batches'])}>
        <Batches batches={content.batches} />
      </Section>
      {content.reconciliations.length > 0 && (
        <Section title={t('channel.reconciliation')}>
          <Reconciliations compared={content.reconciliations} />
        </Section>
      )}
      <Section title={say(STATEMENT['statement.signature'])}>
        <Signature statement={statement} />
      </Section>
    </>
  )
}

function Parties({ statement }: { readonly statement: Statement }) {
  const { t, say } = useWords()
  const { content } = statement
  return (
    <Facts
      facts={[
        {
          label: t('channel.number'),
          value: <Link to={paths.channel(content.channel.id)}>{content.channel.number}</Link>,
        },
        { label: say(STATEMENT['statement.dataset']), value: content.dataset.code },
        { label: say(STATEMENT['statement.provider']), value: say(content.provider.name) },
        { label: t('channel.consumer'), value: say(content.consumer.name) },
        {
          label: say(STATEMENT['statement.grant']),
          value: <Link to={paths.grant(content.grant.id)}>{content.grant.number}</Link>,
        },
        { label: say(STATEMENT['statement.matter']), value: content.grant.matterCode },
        { label: t('statement.issuedAt'), value: <Moment at={statement.issuedAt} form="seconds" /> },
        { label: t('statement.issuedBy'), value: statement.issuedBy },
      ]}
    />
  )
}

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  const { t, choice, say } = useWords()
  const columns: Column<Run>[] = [
    {
      title: say(STATEMENT['statement.startedAt']),
      key: 'at',
      width: 200,
      render: (row) => <Moment at={row.startedAt} form="seconds" />,
    },
    {
      title: say(STATEMENT['statement.kind']),
      key: 'kind',
      width: 120,
      render: (row) => choice('statementKind', row.kind),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 150,
      render: (row) => <State list="statementRunState" value={row.state} />,
    },
    {
      title: say(STATEMENT['statement.batchCount']),
      key: 'batches',
      align: 'right',
      width: 90,
      render: (row) => row.batches,
    },
    ...stationsOf(runs.map(({ rows }) => rows)).map((station) => ({
      title: station === 'rejected' ? say(REJECTS.rejected) : t(`statement.${station}`),
      key: station,
      align: 'right' as const,
      width: 120,
      render: (row: Run) => <Exact value={row.rows[station] ?? (station === 'rejected' ? '0' : null)} />,
    })),
  ]
  return (
    <PlainTable
      label={say(STATEMENT['statement.runs'])}
      columns={columns}
      rows={runs}
      rowKey={(row) => `${row.stream}.${row.generation}`}
      empty={say(STATEMENT['statement.noRuns'])}
    />
  )
}

function Batches({ batches }: { readonly batches: readonly Batch[] }) {
  const { t, say } = useWords()
  const short = (digest: string | null) =>
    digest === null ? (
      <span className="ht-quiet">–</span>
    ) : (
      <code title={digest} aria-label={digest}>
        {digest.slice(0, 16)}…
      </code>
    )
  const columns: Column<Batch>[] = [
    { title: t('segment.generation'), key: 'generation', align: 'right', width: 70, render: (row) => row.generation },
    { title: t('segment.sequence'), key: 'sequence', align: 'right', width: 80, render: (row) => row.sequence },
    { title: t('segment.rows'), key: 'rows', align: 'right', width: 110, render: (row) => <Exact value={row.rows} /> },
    { title: t('segment.digest'), key: 'digest', width: 170, render: (row) => short(row.sealedDigest) },
    {
      title: t('segment.receivedAt'),
      key: 'received',
      width: 200,
      render: (row) => <Moment at={row.receivedAt} form="seconds" />,
    },
    { title: say(STATEMENT['statement.receipt']), key: 'receipt', width: 170, render: (row) => short(row.receipt) },
    {
      title: t('segment.appliedAt'),
      key: 'applied',
      width: 200,
      render: (row) => <Moment at={row.appliedAt} form="seconds" />,
    },
    {
      title: say(STATEMENT['statement.consumerReceipt']),
      key: 'consumer',
      width: 170,
      render: (row) => short(row.consumerReceipt),
    },
  ]
  return (
    <>
      <PlainTable
        label={say(STATEMENT['statement.batches'])}
        columns={columns}
        rows={batches.slice(0, BATCHES_SHOWN)}
        rowKey={(row) => `${row.stream}.${row.generation}.${row.sequence}`}
        empty={t('segment.none')}
      />
      {batches.length > BATCHES_SHOWN && (
        <p className="ht-quiet">{t('statement.batchesCut', { shown: BATCHES_SHOWN, all: batches.length })}</p>
      )}
    </>
  )
}

function StatedFiles({ files }: { readonly files: readonly StatedFile[] }) {
  const { say } = useWords()
  const columns: Column<StatedFile>[] = [
    { title: say(FILES.path), key: 'path', render: (row) => <code className="ht-wrap">{row.path}</code> },
    { title: say(FILES.size), key: 'size', align: 'right', width: 140, render: (row) => <Exact value={row.bytes} /> },
    { title: say(FILES.digest), key: 'digest', render: (row) => <code className="ht-wrap">{row.digest}</code> },
  ]
  return (
    <>
      <PlainTable
        label={say(FILES.tab)}
        columns={columns}
        rows={files.slice(0, BATCHES_SHOWN)}
        rowKey={(row) => `${row.stream}.${row.generation}.${row.sequence}.${row.path}`}
        empty={say(FILES.none)}
      />
      {files.length > BATCHES_SHOWN && (
        <p className="ht-quiet">
          {say(FILES.cut).replace('{shown}', String(BATCHES_SHOWN)).replace('{all}', String(files.length))}
        </p>
      )}
    </>
  )
}

function Reconciliations({ compared }: { readonly compared: readonly Compared[] }) {
  const { t, say } = useWords()
  const columns: Column<Compared>[] = [
    {
      title: say(STATEMENT['statement.startedAt']),
      key: 'at',
      width: 200,
      render: (row) => <Moment at={row.startedAt} form="seconds" />,
    },
    {
      title: t('dataset.state'),
      key: 'state',
      render: (row) => <State list="reconciliationState" value={row.state} />,
    },
    {
      title: t('reconciliation.sourceRows'),
      key: 'source',
      align: 'right',
      width: 140,
      render: (row) => <Exact value={row.sourceRows} />,
    },
    {
      title: t('reconciliation.targetRows'),
      key: 'target',
      align: 'right',
      width: 140,
      render: (row) => <Exact value={row.targetRows} />,
    },
  ]
  return <PlainTable label={t('channel.reconciliation')} columns={columns} rows={compared} rowKey={(row) => row.id} />
}

function Signature({ statement }: { readonly statement: Statement }) {
  const { t, say } = useWords()
  const can = useCan()
  const { report } = statement
  const key = useRead(readLedgerKey, {})
  return (
    <>
      <p className="ht-quiet">{say(STATEMENT['statement.signatureHelp'])}</p>
      <pre className="ht-pre" tabIndex={0}>
        {`huitong verify-document ${statement.number}.json --as statement --key '${key.data?.documentKey ?? '…'}'`}
      </pre>
      <Facts
        facts={[
          { label: t('segment.digest'), value: <code className="ht-wrap">{report.digest}</code>, wide: true },
          { label: t('grant.signature'), value: <code className="ht-wrap">{report.signature}</code>, wide: true },
          { label: t('grant.keyId'), value: <code>{report.keyId}</code> },
          ...(can('evidence.read')
            ? [
                {
                  label: say(STATEMENT['statement.evidence']),
                  value: (
                    <Link to={paths.evidence({ objectKind: 'statement', objectId: statement.id })}>
                      {say(STATEMENT['statement.toEvidence'])}
                    </Link>
                  ),
                },
              ]
            : []),
        ]}
      />
    </>
  )
}
