import { readDataset } from '@huitong/contract/catalogue'
import type { ReplyOf } from '@huitong/contract'
import { Button, Segmented, Tabs } from 'antd'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useFilter } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan, useSession } from '../../session.tsx'
import { ActionButton, type Allowance } from '../../ui/action-button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { DecisionForm, SubmitButton, type DecisionKind } from './dataset-decisions.tsx'
import { DatasetItems } from './dataset-items.tsx'
import { DatasetMounting } from './dataset-mounting.tsx'
import { DatasetOverview } from './dataset-overview.tsx'
import { DatasetPreview } from './dataset-preview.tsx'
import { DatasetQuality } from './dataset-quality.tsx'
import { DatasetUse } from './dataset-use.tsx'
import { DatasetVersions } from './dataset-versions.tsx'

export type Dataset = ReplyOf<typeof readDataset>

export default function DatasetPage() {
  const { id = '' } = useParams()
  const [shown, setShown] = useFilter('version')
  const read = useRead(
    readDataset,
    { params: { id }, query: shown === 'live' || shown === 'pending' ? { version: shown } : {} },
    { keep: true },
  )
  return <Reading read={read}>{(dataset) => <Shown dataset={dataset} shown={shown} setShown={setShown} />}</Reading>
}

interface ShownProps {
  readonly dataset: Dataset
  readonly shown: string | undefined
  readonly setShown: (value: string | undefined) => void
}

function Shown({ dataset, shown, setShown }: ShownProps) {
  const { t, say } = useWords()
  const [tab, setTab] = useFilter('tab')
  const { pending } = dataset
  const can = useCan()
  const tabs = [
    { key: 'overview', label: t('dataset.overview'), children: <DatasetOverview dataset={dataset} /> },
    {
      key: 'items',
      label: t('dataset.itemsCount', { count: dataset.content.items?.length ?? 0 }),
      children: <DatasetItems items={dataset.content.items ?? []} />,
    },
    { key: 'mounting', label: t('dataset.mounting'), children: <DatasetMounting dataset={dataset} /> },
    ...(dataset.live && can('preview.read')
      ? [{ key: 'preview', label: t('dataset.preview'), children: <DatasetPreview dataset={dataset} /> }]
      : []),
    ...(dataset.live && can('quality.read')
      ? [{ key: 'quality', label: t('dataset.quality'), children: <DatasetQuality datasetId={dataset.id} /> }]
      : []),
    { key: 'versions', label: t('dataset.versions'), children: <DatasetVersions datasetId={dataset.id} /> },
    { key: 'use', label: t('dataset.use'), children: <DatasetUse datasetId={dataset.id} /> },
  ]
  return (
    <>
      <PageHead
        title={say(dataset.content.name)}
        code={dataset.officialCode ?? `${dataset.code} (${t('dataset.provisional')})`}
        state={
          <span className="ht-marks">
            {(dataset.live !== null || !pending) && <State list="datasetState" value={dataset.state} />}
            {pending && (
              <>
                {dataset.live && <span className="ht-quiet">{t('dataset.newVersion')}</span>}
                <State list="versionState" value={pending.state} />
              </>
            )}
          </span>
        }
        facts={say(dataset.departmentName)}
        actions={<Actions dataset={dataset} />}
      />
      {pending?.opinion && (
        <p className="ht-opinion">
          {t('dataset.opinion')} {pending.opinion}
        </p>
      )}
      {dataset.live && pending && (
        <Segmented
          className="ht-version-switch"
          value={shown ?? 'live'}
          onChange={(value) => setShown(value === 'live' ? undefined : value)}
          aria-label={t('dataset.whichVersion')}
          options={[
            { value: 'live', label: t('dataset.versionLive', { number: dataset.live.number }) },
            { value: 'pending', label: t('dataset.versionPending', { number: pending.number }) },
          ]}
        />
      )}
      <Tabs
        activeKey={tab ?? 'overview'}
        onChange={(key) => setTab(key === 'overview' ? undefined : key)}
        items={tabs}
        destroyOnHidden
      />
    </>
  )
}

function Actions({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useWords()
  const can = useCan()
  const navigate = useNavigate()
  const { person } = useSession()
  const allow = useAllowance(dataset.actions)
  const [deciding, setDeciding] = useState<DecisionKind | null>(null)
  const own = person.departmentId === dataset.departmentId
  const main = mainAction(dataset, can)
  const kind = (name: string) => (main === name ? ('primary' as const) : ('default' as const))
  return (
    <>
      {can('dataset.review') && (
        <ActionButton
          type={kind('review')}
          allowance={allow('dataset.review', 'review')}
          onClick={() => setDeciding('review')}
        >
          {t('dataset.review')}
        </ActionButton>
      )}
      {can('dataset.sign') && own && (
        <ActionButton type={kind('sign')} allowance={allow('dataset.sign', 'sign')} onClick={() => setDeciding('sign')}>
          {t('dataset.sign')}
        </ActionButton>
      )}
      {can('dataset.compile') && own && (
        <>
          <SubmitButton
            dataset={dataset}
            type={kind('submit')}
            allowance={complete(dataset, allow('dataset.compile', 'submit'))}
          />
          <ActionButton
            allowance={allow('dataset.compile', 'update', 'edit')}
            onClick={() => void navigate(paths.datasetEdit(dataset.id))}
          >
            {t('action.edit')}
          </ActionButton>
        </>
      )}
      <Button onClick={() => void navigate(paths.lineage(dataset.id))}>{t('dataset.lineage')}</Button>
      {can('request.make') && !own && (
        <ActionButton
          type={kind('request')}
          allowance={requestable(dataset, allow('request.make', 'request', 'request.create'))}
          onClick={() => void navigate(paths.requestNew(dataset.id))}
        >
          {t('dataset.request')}
        </ActionButton>
      )}
      {deciding && <DecisionForm dataset={dataset} kind={deciding} onClose={() => setDeciding(null)} />}
    </>
  )
}

/** One primary button a page: what this person most likely came to do. */
function mainAction(dataset: Dataset, can: ReturnType<typeof useCan>): string {
  const state = dataset.pending?.state
  if (can('dataset.review') && state === 'signed') return 'review'
  if (can('dataset.sign') && state === 'submitted') return 'sign'
  if (can('dataset.compile') && (state === 'draft' || state === 'returned')) return 'submit'
  return 'request'
}

const NOT_PUBLISHED = { zh: '尚未发布的目录不能申请', en: 'It is not published yet and cannot be requested' }
const NOT_SHARED = {
  zh: '此目录不予共享，理由见概况',
  en: 'This dataset is not shared; see the reason in the overview',
}

/** What is mandatory is listed on the page; until it is there, submitting would only be refused. */
function complete(dataset: Dataset, word: Allowance): Allowance {
  const count = dataset.missing.length
  if (!word.allowed || count === 0) return word
  return {
    allowed: false,
    reason: { zh: `有 ${count} 处必填内容缺失`, en: `${count} mandatory fields are missing` },
  }
}

function requestable(dataset: Dataset, word: Allowance): Allowance {
  if (!word.allowed) return word
  if (dataset.live === null) return { allowed: false, reason: NOT_PUBLISHED }
  if (dataset.shareAttribute === 'refused') return { allowed: false, reason: NOT_SHARED }
  return word
}
