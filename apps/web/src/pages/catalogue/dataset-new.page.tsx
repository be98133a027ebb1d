import { createDataset } from '@huitong/contract/catalogue'
import type { DatasetContent } from '@huitong/contract/catalogue'
import { draftFromTable } from '@huitong/contract/curation'
import { Button, Form } from 'antd'
import { useEffect, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useAct } from '../../api.ts'
import { SourceSelect, TableSelect } from '../../parts/selects.tsx'
import { paths } from '../../paths.ts'
import { useCan, useSession } from '../../session.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PageHead, Section } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { DatasetForm, useDirty } from './dataset-form.tsx'

export default function DatasetNewPage() {
  const { t } = useWords()
  const toast = useToast()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const [form] = Form.useForm()
  const act = useAct(createDataset)
  const { dirty, touch, clean } = useDirty()
  const [created, setCreated] = useState<string | null>(null)
  // Left only after the form counts as saved, or its own guard would hold us back.
  useEffect(() => {
    if (created && !dirty) void navigate(paths.datasetEdit(created), { replace: true })
  }, [created, dirty, navigate])
  const save = async (content: DatasetContent) => {
    try {
      const dataset = await act.run({ body: content })
      clean()
      setCreated(dataset.id)
      toast.good(t('dataset.saved'))
    } catch {
      // Shown in the summary.
    }
  }
  const take = (content: DatasetContent) => {
    form.setFieldsValue(content)
    touch()
    toast.good(t('suggest.taken'))
  }
  return (
    <>
      <PageHead
        title={t('datasets.new')}
        facts={t('dataset.newHelp')}
        actions={
          <Button type="primary" loading={act.busy} onClick={() => form.submit()}>
            {t('dataset.save')}
          </Button>
        }
      />
      <Suggestion tableId={search.get('table') ?? undefined} onTake={take} />
      <DatasetForm
        form={form}
        initial={{ name: { zh: '' } }}
        missing={[]}
        busy={act.busy}
        problem={act.problem}
        dirty={dirty}
        onDirty={touch}
        onSave={(content) => void save(content)}
      />
    </>
  )
}

interface SuggestionProps {
  readonly tableId: string | undefined
  readonly onTake: (content: DatasetContent) => void
}

/** Begins an entry from a discovered table: names from comments and glossary, types, keys. People complete it. */
function Suggestion({ tableId, onTake }: SuggestionProps) {
  const { t } = useWords()
  const can = useCan()
  const { person } = useSession()
  const act = useAct(draftFromTable)
  const [sourceId, setSource] = useState<string>()
  const [chosen, setChosen] = useState(tableId)
  if (!can('source.discover')) return null
  const suggest = () =>
    chosen &&
    act.run({ body: { tableId: chosen } }).then(
      ({ content }) => onTake(content),
      () => undefined,
    )
  return (
    <Section title={t('suggest.title')}>
      <div className="ht-bar">
        {!tableId && (
          <>
            <SourceSelect
              departmentId={person.departmentId}
              value={sourceId}
              onChange={(value) => {
                setSource(value)
                setChosen(undefined)
              }}
              aria-label={t('source.label')}
              className="ht-filter-wide"
            />
            <TableSelect
              key={sourceId ?? ''}
              sourceId={sourceId}
              value={chosen}
              onChange={setChosen}
              aria-label={t('table.label')}
              className="ht-filter-wide"
            />
          </>
        )}
        <Button disabled={!chosen} loading={act.busy} onClick={() => void suggest()}>
          {t('suggest.take')}
        </Button>
        <span className="ht-quiet">{t('suggest.help')}</span>
      </div>
      {act.problem && <ErrorPanel problem={act.problem} />}
    </Section>
  )
}
