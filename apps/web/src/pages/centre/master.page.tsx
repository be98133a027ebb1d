import { readMaster, splitMaster } from '@huitong/contract/fusion'
import type { ReplyOf } from '@huitong/contract'
import { Checkbox, Form, Input } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { PageHead, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { FullValues, Shown, type Wish } from './fusion-parts.tsx'
import { FUSION } from './fusion-words.ts'

type Master = ReplyOf<typeof readMaster>

/** One master record: whose each value is, the records in it, and what happened to it. */
export default function MasterPage() {
  const { id = '', master = '' } = useParams()
  const { say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [wish, setWish] = useState<Wish>({})
  const [splitting, setSplitting] = useState(false)
  const read = useRead(readMaster, { params: { id, master }, body: wish }, { keep: true })
  const many = (read.data?.records.length ?? 0) > 1
  return (
    <>
      <PageHead
        title={say(FUSION.master)}
        facts={<Link to={paths.fusionRun(id)}>{say(FUSION.run)}</Link>}
        actions={
          can('library.manage') &&
          many && (
            <ActionButton allowance={allow('library.manage')} onClick={() => setSplitting(true)}>
              {say(FUSION.split)}
            </ActionButton>
          )
        }
      />
      <FullValues onWish={setWish} />
      <Reading read={read}>
        {(found) => (
          <>
            <Values found={found} />
            <Records found={found} />
            <Past found={found} />
            {splitting && <Split runId={id} found={found} onClose={() => setSplitting(false)} />}
          </>
        )}
      </Reading>
    </>
  )
}

/** Records are called by a number of this page: what they are called inside says nothing to anybody. */
function useNames(found: Master) {
  const { say } = useWords()
  const placeOf = new Map(found.records.map((one, at) => [one.record, at]))
  return (record: string | null): string => {
    const at = record === null ? undefined : placeOf.get(record)
    if (at === undefined) return '–'
    const source = found.sources[found.records[at]!.source]
    return `${at + 1} · ${source ? `${say(source.datasetName)} · ${say(source.departmentName)}` : ''}`
  }
}

function Values({ found }: { readonly found: Master }) {
  const { say } = useWords()
  const nameOf = useNames(found)
  const rows = found.fields.map((field, at) => ({ ...field, at }))
  const columns: Column<(typeof rows)[number]>[] = [
    { key: 'field', title: say(FUSION.field), width: 180, render: (row) => say(row.name) },
    { key: 'value', title: say(FUSION.value), render: (row) => <Shown value={found.values[row.at]} /> },
    { key: 'from', title: say(FUSION.from), render: (row) => nameOf(found.values[row.at]!.record) },
  ]
  return (
    <Section title={say(FUSION.values)}>
      <PlainTable label={say(FUSION.values)} columns={columns} rows={rows} rowKey={(row) => row.code} />
    </Section>
  )
}

function Records({ found }: { readonly found: Master }) {
  const { say } = useWords()
  const nameOf = useNames(found)
  const columns: Column<Master['records'][number]>[] = [
    { key: 'record', title: say(FUSION.record), render: (row) => nameOf(row.record) },
    ...found.fields.map((field, at) => ({
      key: field.code,
      title: say(field.name),
      render: (row: Master['records'][number]) => <Shown value={row.values[at]} />,
    })),
    {
      key: 'identified',
      title: say(FUSION.identified),
      width: 160,
      render: (row) => say(row.identified ? FUSION.valid : FUSION.invalid),
    },
  ]
  return (
    <Section title={say(FUSION.recordsOf)}>
      <PlainTable label={say(FUSION.recordsOf)} columns={columns} rows={found.records} rowKey={(row) => row.record} />
    </Section>
  )
}

function Past({ found }: { readonly found: Master }) {
  const { say } = useWords()
  const nameOf = useNames(found)
  const history: Column<Master['history'][number]>[] = [
    { key: 'at', title: say(FUSION.at), width: 170, render: (row) => <Moment at={row.at} /> },
    {
      key: 'run',
      title: say(FUSION.number),
      width: 170,
      render: (row) => <Link to={paths.fusionRun(row.runId)}>{row.number}</Link>,
    },
    { key: 'change', title: say(FUSION.history), width: 120, render: (row) => say(FUSION[row.change]) },
    { key: 'record', title: say(FUSION.record), render: (row) => nameOf(row.record) },
  ]
  const decisions: Column<Master['decisions'][number]>[] = [
    { key: 'at', title: say(FUSION.at), width: 170, render: (row) => <Moment at={row.at} /> },
    { key: 'by', title: say(FUSION.decidedBy), width: 200, render: (row) => `${row.by}：${say(FUSION[row.verdict])}` },
    { key: 'records', title: say(FUSION.record), render: (row) => `${nameOf(row.one)} / ${nameOf(row.other)}` },
    { key: 'note', title: say(FUSION.note), render: (row) => row.note ?? '–' },
  ]
  return (
    <>
      <Section title={say(FUSION.history)}>
        <PlainTable
          label={say(FUSION.history)}
          columns={history}
          rows={found.history}
          rowKey={(row) => `${row.runId}${row.record}${row.change}`}
          empty={say(FUSION.historyNone)}
        />
      </Section>
      <Section title={say(FUSION.decisions)}>
        <PlainTable
          label={say(FUSION.decisions)}
          columns={decisions}
          rows={found.decisions}
          rowKey={(row) => `${row.one}${row.other}`}
          empty={say(FUSION.decisionsNone)}
        />
      </Section>
    </>
  )
}

function Split({ runId, found, onClose }: { readonly runId: string; readonly found: Master; onClose(): void }) {
  const { say } = useWords()
  const toast = useToast()
  const act = useAct(splitMaster)
  const nameOf = useNames(found)
  const send = async (body: { records: string[]; note: string }) => {
    const done = await act.run({ params: { id: runId, master: found.master }, body }).catch(() => null)
    if (!done) return
    toast.good(say(FUSION.splitDone))
    onClose()
  }
  return (
    <SideForm<{ records: string[]; note: string }>
      open
      danger
      title={say(FUSION.split)}
      submitLabel={say(FUSION.split)}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{say(FUSION.splitHelp)}</p>
      <Form.Item
        name="records"
        label={say(FUSION.recordsOf)}
        rules={[{ required: true, message: say(FUSION.splitPick) }]}
      >
        <Checkbox.Group options={found.records.map(({ record }) => ({ value: record, label: nameOf(record) }))} />
      </Form.Item>
      <Form.Item
        name="note"
        label={say(FUSION.note)}
        rules={[{ required: true, whitespace: true, min: 2, message: say(FUSION.noteNeeded) }]}
      >
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
    </SideForm>
  )
}
