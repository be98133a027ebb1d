import { readIncident } from '@huitong/contract/operations'
import type { ReplyOf } from '@huitong/contract'
import { Alert } from 'antd'
import { useParams } from 'react-router'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { ClockLeft } from './clock-left.tsx'
import { IncidentActions } from './incident-actions.tsx'
import { SubjectLink } from './subject-link.tsx'

export type Incident = ReplyOf<typeof readIncident>
const EVERY_MS = 5_000

export default function IncidentPage() {
  const { id = '' } = useParams()
  const read = useRead(readIncident, { params: { id } }, { everyMs: () => EVERY_MS })
  return <Reading read={read}>{(incident) => <Shown incident={incident} />}</Reading>
}

function Shown({ incident }: { readonly incident: Incident }) {
  const { t, say, choice } = useWords()
  return (
    <>
      <PageHead
        title={`${say(incident.ruleName)} · ${say(incident.departmentName)}`}
        code={incident.number}
        state={<State list="incidentState" value={incident.state} />}
        facts={
          <>
            <State list="alertLevel" value={String(incident.level)} /> · {choice('incidentClock', incident.clock)}
          </>
        }
        actions={<IncidentActions incident={incident} />}
      />
      {incident.alertsOpen > 0 && (
        <Alert
          className="ht-error"
          type="info"
          showIcon
          title={t('incident.advice')}
          description={say(incident.advice)}
        />
      )}
      <Facts
        facts={[
          { label: t('incident.response'), value: <Limit incident={incident} of="response" /> },
          { label: t('incident.restore'), value: <Limit incident={incident} of="restore" /> },
          { label: t('incident.assignee'), value: incident.assignee?.name || '–' },
          { label: t('incident.openedAt'), value: <Moment at={incident.openedAt} form="seconds" /> },
          { label: t('incident.recoveredAt'), value: <Moment at={incident.recoveredAt} form="seconds" /> },
          {
            label: t('incident.closedAt'),
            value: (
              <>
                <Moment at={incident.closedAt} form="seconds" />
                {incident.closedByItself && ` · ${t('incident.byItself')}`}
              </>
            ),
          },
        ]}
      />
      <Section title={t('incident.alertsTitle')}>
        <Alerts alerts={incident.alerts} />
      </Section>
      <Section title={t('incident.notes')}>
        <Notes notes={incident.notes} />
      </Section>
    </>
  )
}

function Limit({ incident, of }: { readonly incident: Incident; readonly of: 'response' | 'restore' }) {
  return (
    <>
      <ClockLeft clock={incident[of]} kind={incident.clock} /> · <Moment at={incident[of].dueAt} />
    </>
  )
}

function Alerts({ alerts }: { readonly alerts: Incident['alerts'] }) {
  const { t, say } = useWords()
  const columns: Column<Incident['alerts'][number]>[] = [
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => <State list="alertState" value={row.closedAt ? 'closed' : 'open'} />,
    },
    { title: t('alert.subject'), key: 'subject', width: 280, render: (row) => <SubjectLink alert={row} /> },
    { title: t('alert.what'), key: 'what', render: (row) => say(row.detail) },
    {
      title: t('alert.openedAt'),
      key: 'opened',
      width: 200,
      render: (row) => <Moment at={row.openedAt} form="seconds" />,
    },
    {
      title: t('alert.closedAt'),
      key: 'closed',
      width: 200,
      render: (row) => <Moment at={row.closedAt} form="seconds" />,
    },
  ]
  return (
    <ListTable
      label={t('incident.alertsTitle')}
      columns={columns}
      rows={alerts}
      rowKey={(row) => row.id}
      loading={false}
      empty={t('alert.noneFound')}
    />
  )
}

function Notes({ notes }: { readonly notes: Incident['notes'] }) {
  const { t, choice } = useWords()
  const rows = notes.map((note, index) => ({ ...note, index }))
  const columns: Column<(typeof rows)[number]>[] = [
    { title: t('evidence.at'), key: 'at', width: 200, render: (row) => <Moment at={row.at} form="seconds" /> },
    { title: t('evidence.actor'), key: 'who', width: 160, render: (row) => row.person?.name || t('incident.self') },
    { title: t('incident.event'), key: 'kind', width: 180, render: (row) => choice('incidentNote', row.kind) },
    {
      title: t('work.problem'),
      key: 'content',
      render: (row) => <span className="ht-kept">{row.content ?? '–'}</span>,
    },
  ]
  return (
    <ListTable
      label={t('incident.notes')}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.index}
      loading={false}
      empty="–"
    />
  )
}
