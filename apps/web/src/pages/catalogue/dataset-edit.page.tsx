import { readDataset, updateDataset } from '@huitong/contract/catalogue'
import type { DatasetContent } from '@huitong/contract/catalogue'
import { Button, Form } from 'antd'
import { Link, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { changedItems } from './changed-items.ts'
import { DatasetForm, useDirty } from './dataset-form.tsx'
import type { Dataset } from './dataset.page.tsx'

export default function DatasetEditPage() {
  const { id = '' } = useParams()
  const read = useRead(readDataset, { params: { id }, query: { version: 'pending' } })
  return <Reading read={read}>{(dataset) => <Edit key={dataset.id} dataset={dataset} />}</Reading>
}

function Edit({ dataset }: { readonly dataset: Dataset }) {
  const { t, say } = useWords()
  const toast = useToast()
  const [form] = Form.useForm()
  const act = useAct(updateDataset)
  const allow = useAllowance(dataset.actions)
  const { dirty, touch, clean } = useDirty()
  const save = async (content: DatasetContent) => {
    try {
      await act.run({ params: { id: dataset.id }, body: content }, dataset.version)
      clean()
      toast.good(t('dataset.saved'))
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <>
      <PageHead
        title={t('dataset.editTitle', { name: say(dataset.content.name) })}
        code={dataset.officialCode ?? dataset.code}
        state={dataset.pending && <State list="versionState" value={dataset.pending.state} />}
        facts={dirty ? t('dataset.unsaved') : t('dataset.allSaved')}
        actions={
          <>
            <ActionButton
              type="primary"
              allowance={allow('dataset.compile', 'update', 'edit')}
              loading={act.busy}
              onClick={() => form.submit()}
            >
              {t('dataset.save')}
            </ActionButton>
            {dataset.live && <Impact dataset={dataset} />}
            <Link to={paths.dataset(dataset.id)}>
              <Button tabIndex={-1}>{t('dataset.view')}</Button>
            </Link>
          </>
        }
      />
      <DatasetForm
        form={form}
        initial={dataset.content}
        missing={dataset.missing}
        busy={act.busy}
        problem={act.problem}
        dirty={dirty}
        onDirty={touch}
        onSave={(content) => void save(content)}
      />
    </>
  )
}

/** What hangs on the items that the kept draft changes or takes away. */
function Impact({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useWords()
  const live = useRead(readDataset, { params: { id: dataset.id }, query: { version: 'live' } })
  const changed = live.data ? changedItems(live.data.content.items ?? [], dataset.content.items ?? []) : []
  return (
    <Link to={paths.lineage(dataset.id, { change: changed.join(',') })}>
      <Button tabIndex={-1}>{t('dataset.impact')}</Button>
    </Link>
  )
}
