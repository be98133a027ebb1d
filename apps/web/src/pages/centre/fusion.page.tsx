import { listFusionRuns, readFusion, setFusion, startFusion } from '@huitong/contract/fusion'
import type { BodyOf, ReplyOf } from '@huitong/contract'
import { Form, Input, Radio } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { RunState } from './fusion-parts.tsx'
import { beginning } from './fusion-template.ts'
import { FUSION } from './fusion-words.ts'

const LIBRARIES = ['person', 'firm'] as const
type LibraryName = (typeof LIBRARIES)[number]
type Made = ReplyOf<typeof readFusion>
const EVERY_MS = 2_000

/** How a base library is fused, and its fusions. */
export default function FusionPage() {
  const { t, say } = useWords()
  const [asked, setLibrary] = useFilter('library')
  const library = LIBRARIES.find((one) => one === asked) ?? 'person'
  const read = useRead(readFusion, { params: { library } })
  return (
    <>
      <PageHead
        title={say(FUSION.title)}
        facts={say(FUSION.help)}
        actions={<Start library={library} made={read.data} />}
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <Radio.Group
          value={library}
          onChange={(event) => setLibrary(event.target.value as string)}
          aria-label={t('library.kind')}
          optionType="button"
          options={LIBRARIES.map((value) => ({ value, label: t(`library.${value}`) }))}
        />
      </div>
      <Reading read={read}>{(made) => <Definition key={library} made={made} />}</Reading>
      <Section title={say(FUSION.runs)}>
        <Runs library={library} />
      </Section>
    </>
  )
}

function Start({ library, made }: { readonly library: LibraryName; readonly made: Made | undefined }) {
  const { say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const toast = useToast()
  const act = useAct(startFusion)
  if (!can('library.manage')) return null
  const allowance = made?.settings ? allow('library.manage') : { allowed: false, reason: FUSION.none }
  const start = () =>
    act.run({ params: { library } }).then(
      () => toast.good(say(FUSION.started)),
      () => undefined,
    )
  return (
    <>
      <ActionButton type="primary" allowance={allowance} loading={act.busy} onClick={() => void start()}>
        {say(FUSION.start)}
      </ActionButton>
      {act.problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={act.problem} />
        </div>
      )}
    </>
  )
}

function Definition({ made }: { readonly made: Made }) {
  const { say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [editing, setEditing] = useState(false)
  const { settings } = made
  const nameOf = (code: string) => say(settings?.names[code] ?? { zh: code })
  const sourceOf = (id: string) => {
    const found = made.candidates.find((one) => one.channelId === id)
    return found ? `${say(found.datasetName)} · ${say(found.departmentName)}` : id
  }
  return (
    <Section
      title={say(FUSION.define)}
      extra={
        can('library.manage') && (
          <ActionButton allowance={allow('library.manage')} onClick={() => setEditing(true)}>
            {say(FUSION.define)}
          </ActionButton>
        )
      }
    >
      {settings === null ? (
        <p className="ht-quiet">{say(made.candidates.length === 0 ? FUSION.noSource : FUSION.none)}</p>
      ) : (
        <Facts
          facts={[
            { label: say(FUSION.version), value: <Exact value={made.version} /> },
            { label: say(FUSION.fields), value: settings.definition.fields.map((one) => nameOf(one.code)).join('、') },
            {
              label: say(FUSION.identifier),
              value: settings.definition.identifier ? nameOf(settings.definition.identifier.field) : '–',
            },
            {
              label: say(FUSION.thresholds),
              value: `${settings.definition.thresholds.match} / ${settings.definition.thresholds.review}`,
            },
            {
              label: say(FUSION.sources),
              value: settings.sources.map((one) => sourceOf(one.channelId)).join('；'),
              wide: true,
            },
          ]}
        />
      )}
      {editing && <Edit made={made} onClose={() => setEditing(false)} />}
    </Section>
  )
}

/** The definition as text, checked place by place when it is saved. */
function Edit({ made, onClose }: { readonly made: Made; onClose(): void }) {
  const { say } = useWords()
  const toast = useToast()
  const act = useAct(setFusion)
  const initial = JSON.stringify(made.settings ?? beginning(made.library, made.candidates), null, 2)
  const send = async ({ text }: { text: string }) => {
    // Checked by the platform, which names each place that is wrong.
    const body = JSON.parse(text) as BodyOf<typeof setFusion>
    const done = await act.run({ params: { library: made.library }, body }, made.version).catch(() => null)
    if (!done) return
    toast.good(say(FUSION.defined))
    onClose()
  }
  return (
    <SideForm<{ text: string }>
      open
      width={720}
      title={say(FUSION.define)}
      submitLabel={useWords().t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ text: initial }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{say(FUSION.definitionHelp)}</p>
      <Form.Item
        name="text"
        label={say(FUSION.definitionText)}
        rules={[
          {
            validator: (_rule, text: string) =>
              isJson(text) ? Promise.resolve() : Promise.reject(new Error(say(FUSION.notJson))),
          },
        ]}
      >
        <Input.TextArea rows={28} spellCheck={false} autoComplete="off" className="ht-code" />
      </Form.Item>
    </SideForm>
  )
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

type Run = RowOf<typeof listFusionRuns>

function Runs({ library }: { readonly library: LibraryName }) {
  const { say } = useWords()
  const figure = (key: 'records' | 'masters' | 'reviewPairs' | 'changed') => (run: Run) => (
    <Exact value={run.figures?.[key] ?? null} />
  )
  const columns: Column<Run>[] = [
    {
      key: 'number',
      title: say(FUSION.number),
      width: 170,
      render: (run) => <Link to={paths.fusionRun(run.id)}>{run.number}</Link>,
    },
    { key: 'state', title: say(FUSION.state), render: (run) => <RunState run={run} /> },
    { key: 'records', title: say(FUSION.records), width: 110, align: 'right', render: figure('records') },
    { key: 'masters', title: say(FUSION.masters), width: 110, align: 'right', render: figure('masters') },
    { key: 'review', title: say(FUSION.review), width: 100, align: 'right', render: figure('reviewPairs') },
    { key: 'at', title: say(FUSION.at), width: 170, render: (run) => <Moment at={run.finishedAt ?? run.createdAt} /> },
  ]
  return (
    <QueryTable
      endpoint={listFusionRuns}
      params={{ library }}
      query={{}}
      columns={columns}
      rowKey={(run) => run.id}
      label={say(FUSION.runs)}
      empty={say(FUSION.runsNone)}
      everyMs={EVERY_MS}
    />
  )
}
