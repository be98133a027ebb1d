import { createSuite, listRuleKinds, readSuite, updateSuite } from '@huitong/contract/governance'
import { listColumns } from '@huitong/contract/rule-design'
import type { ReplyOf } from '@huitong/contract'
import { Alert, Button, InputNumber, Upload } from 'antd'
import { useState, type ReactNode } from 'react'
import { useNavigate, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Mark } from '../../ui/marks.tsx'
import { PageHead, Section } from '../../ui/page-head.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useToast } from '../../ui/toast.tsx'
import { fill, useWords } from '../../words/index.ts'
import { DESIGN } from './design-words.ts'
import { RuleForm, type Ground, type Kinds } from './rule-form.tsx'
import { RuleProposals } from './rule-proposals.tsx'
import { RuleTrial } from './rule-trial.tsx'
import { FileFault, readSuiteFile, suiteFile, type Rule, type Suite } from './suite-file.ts'
import { SuiteHistory } from './suite-history.tsx'

type Kept = ReplyOf<typeof readSuite>
const DAYS = 10

/** Designs the rules of a dataset: proposals, forms, trial, versions, files. */
export default function RuleDesignPage() {
  const { id = '' } = useParams()
  const ground = useRead(listColumns, { params: { id } })
  const kinds = useRead(listRuleKinds, {})
  const suiteId = ground.data?.suiteId ?? null
  const suite = useRead(readSuite, { params: { id: suiteId ?? '' } }, { enabled: suiteId !== null })
  return (
    <Reading read={ground}>
      {(columns) => (
        <Reading read={kinds}>
          {({ items }) =>
            columns.suiteId === null ? (
              <Design datasetId={id} ground={columns} kinds={items} suite={null} />
            ) : (
              <Reading read={suite}>
                {(kept) => <Changing key={kept.id} datasetId={id} ground={columns} kinds={items} newest={kept} />}
              </Reading>
            )
          }
        </Reading>
      )}
    </Reading>
  )
}

interface Given {
  readonly datasetId: string
  readonly ground: Ground
  readonly kinds: Kinds
  readonly suite: Kept | null
  readonly notice?: ReactNode
  onSaved?(suite: Kept): void
}

/** Changes a suite as it was first read: what somebody else saves meanwhile is told, and takes no draft away. */
function Changing({ newest, ...given }: Omit<Given, 'suite' | 'onSaved' | 'notice'> & { readonly newest: Kept }) {
  const { say } = useWords()
  const [base, setBase] = useState(newest)
  const notice = newest.version > base.version && (
    <Alert
      className="ht-error"
      type="warning"
      showIcon
      title={fill(say(DESIGN.newer), { version: newest.version, base: base.version })}
      action={
        <Button size="small" onClick={() => setBase(newest)}>
          {say(DESIGN.loadNewer)}
        </Button>
      }
    />
  )
  return <Design key={base.version} {...given} suite={base} notice={notice} onSaved={setBase} />
}

const plain = ({ asks: _asks, ...rule }: Kept['rules'][number]): Rule => rule

function Design({ datasetId, ground, kinds, suite, notice, onSaved }: Given) {
  const { t, say } = useWords()
  const kept: Suite = { rules: (suite?.rules ?? []).map(plain), repairWorkingDays: suite?.repairWorkingDays ?? DAYS }
  const [draft, setDraft] = useState<Suite>(kept)
  const [open, setOpen] = useState<Rule | 'new' | null>(null)
  const { rules } = draft
  const put = (rule: Rule, instead?: string) => {
    const at = rules.findIndex((one) => one.code === (instead ?? rule.code))
    setDraft({ ...draft, rules: at < 0 ? [...rules, rule] : rules.map((one, place) => (place === at ? rule : one)) })
  }
  const take = (given: readonly { readonly rule: Rule }[]) => {
    const codes = new Set(given.map((one) => one.rule.code))
    setDraft({ ...draft, rules: [...rules.filter((one) => !codes.has(one.code)), ...given.map((one) => one.rule)] })
  }
  const before = open === 'new' || open === null ? null : open
  return (
    <>
      <PageHead
        title={t('suite.title', { name: say(ground.datasetName) })}
        state={JSON.stringify(draft) !== JSON.stringify(kept) && <Mark tone="warn">{say(DESIGN.unsaved)}</Mark>}
        facts={say(ground.departmentName)}
        actions={
          <Actions
            datasetId={datasetId}
            ground={ground}
            suite={suite}
            draft={draft}
            onImport={setDraft}
            {...(onSaved ? { onSaved } : {})}
          />
        }
      />
      {notice}
      <Section
        title={t('rail.suites')}
        extra={
          <span className="ht-marks">
            <label>
              {say(DESIGN.days)}{' '}
              <InputNumber
                size="small"
                min={1}
                max={60}
                precision={0}
                aria-label={say(DESIGN.days)}
                value={draft.repairWorkingDays}
                onChange={(days) => setDraft({ ...draft, repairWorkingDays: days ?? DAYS })}
              />
            </label>
            <Button size="small" onClick={() => setOpen('new')}>
              {say(DESIGN.add)}
            </Button>
          </span>
        }
      >
        <Rules
          rules={rules}
          kinds={kinds}
          onEdit={setOpen}
          onRemove={(code) => setDraft({ ...draft, rules: rules.filter((one) => one.code !== code) })}
        />
      </Section>
      <RuleProposals datasetId={datasetId} rules={rules} onTake={take} />
      <RuleTrial datasetId={datasetId} ground={ground} rules={rules} />
      {suite && <SuiteHistory suiteId={suite.id} />}
      {open && (
        <RuleForm
          datasetId={datasetId}
          ground={ground}
          kinds={kinds}
          rule={before}
          taken={rules.filter((one) => one.code !== before?.code).map((one) => one.code)}
          onClose={() => setOpen(null)}
          onDone={(rule) => {
            put(rule, before?.code)
            setOpen(null)
          }}
        />
      )}
    </>
  )
}

function Actions(props: Omit<Given, 'kinds' | 'notice'> & { readonly draft: Suite; onImport(suite: Suite): void }) {
  const { say, t } = useWords()
  const toast = useToast()
  const navigate = useNavigate()
  const [create, update] = [useAct(createSuite), useAct(updateSuite)]
  const { suite, draft, datasetId } = props
  const save = async () => {
    const saved = suite
      ? update.run({ params: { id: suite.id }, body: draft }, suite.version)
      : create.run({ body: { datasetId, ...draft } })
    const made = await saved.catch(() => null)
    if (!made) return
    toast.good(t('action.saved'))
    props.onSaved?.(made)
    if (!suite) void navigate(paths.qualitySuite(made.id))
  }
  const read = async (file: File) => {
    try {
      const given = readSuiteFile(await file.text())
      props.onImport(given)
      toast.good(fill(say(DESIGN.imported), { count: given.rules.length }))
    } catch (error) {
      if (!(error instanceof FileFault)) throw error
      toast.bad(fill(say(DESIGN.importBad), { why: say(error.words) }))
    }
  }
  const problem = create.problem ?? update.problem
  return (
    <>
      <Upload
        accept=".json"
        showUploadList={false}
        beforeUpload={(file) => {
          void read(file)
          return false
        }}
      >
        <Button>{say(DESIGN.import)}</Button>
      </Upload>
      <Button
        onClick={() => saveFile('rules.json', suiteFile(draft, say(props.ground.datasetName)), 'application/json')}
      >
        {say(DESIGN.export)}
      </Button>
      <Button
        type="primary"
        loading={create.busy || update.busy}
        disabled={draft.rules.length === 0}
        onClick={() => void save()}
      >
        {say(DESIGN.save)}
      </Button>
      {problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={problem} />
        </div>
      )}
    </>
  )
}

function Rules(props: {
  readonly rules: readonly Rule[]
  readonly kinds: Kinds
  onEdit(rule: Rule): void
  onRemove(code: string): void
}) {
  const { t, say } = useWords()
  const kindOf = new Map(props.kinds.map((one) => [one.kind, one]))
  const columns: Column<Rule>[] = [
    {
      title: say(DESIGN.rule),
      key: 'rule',
      render: (row) => (
        <span className="ht-two">
          {say(row.name)}
          <small className="ht-code">{row.code}</small>
        </span>
      ),
    },
    {
      title: say(DESIGN.kind),
      key: 'kind',
      width: 180,
      render: (row) => say(kindOf.get(row.kind)?.words ?? { zh: row.kind }),
    },
    {
      title: say(DESIGN.indicator),
      key: 'indicator',
      width: 180,
      render: (row) => say(kindOf.get(row.kind)?.indicatorWords ?? { zh: '–' }),
    },
    {
      title: say(DESIGN.origin),
      key: 'origin',
      width: 110,
      render: (row) => say(row.origin ? DESIGN[row.origin] : DESIGN.originMine),
    },
    {
      title: t('action.column'),
      key: 'actions',
      width: 150,
      render: (row) => (
        <span className="ht-marks">
          <Button size="small" onClick={() => props.onEdit(row)} aria-label={`${t('action.edit')} ${say(row.name)}`}>
            {t('action.edit')}
          </Button>
          <Button
            size="small"
            danger
            onClick={() => props.onRemove(row.code)}
            aria-label={`${t('action.remove')} ${say(row.name)}`}
          >
            {t('action.remove')}
          </Button>
        </span>
      ),
    },
  ]
  return (
    <ListTable
      label={t('rail.suites')}
      columns={columns}
      rows={props.rules}
      rowKey={(row) => row.code}
      loading={false}
      empty={say(DESIGN.noRules)}
    />
  )
}
