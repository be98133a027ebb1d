import type { DatasetContent } from '@huitong/contract/catalogue'
import { Alert, Button, Form, type FormInstance } from 'antd'
import { useEffect, useState } from 'react'
import { useBlocker } from 'react-router'
import type { Said } from '../../words/index.ts'
import { useWords } from '../../words/index.ts'
import { FormSummary } from '../../ui/form-summary.tsx'
import { goToField, showPlaces } from '../../ui/forms.ts'
import { Section } from '../../ui/page-head.tsx'
import type { Problem } from '../../ui/problem.ts'
import { contentOf } from './content.ts'
import { BasicFields, SafetyFields, SharingFields } from './dataset-fields.tsx'
import { ItemsEditor } from './items-editor.tsx'
import { gridFaults, type DraftItem } from './items-grid.ts'

export interface MissingPlace {
  readonly path: string
  readonly words: Said
  readonly source: string
}

interface DatasetFormProps {
  readonly form: FormInstance
  readonly initial: DatasetContent
  readonly missing: readonly MissingPlace[]
  readonly busy: boolean
  readonly problem: Problem | null
  readonly dirty: boolean
  readonly onDirty: () => void
  readonly onSave: (content: DatasetContent) => void
}

/** The whole catalogue entry: can be saved half-finished at any time; what is mandatory is listed with links. */
export function DatasetForm(props: DatasetFormProps) {
  const { t, say } = useWords()
  const { form, problem } = props
  useEffect(() => {
    if (problem) showPlaces(form, problem, say)
  }, [problem, form, say])
  useEffect(() => {
    const hash = decodeURIComponent(location.hash.slice(1))
    if (hash) goToField(form, hash)
  }, [form])
  useSaveKey(form)
  const itemsRule = {
    validator: (_: unknown, items: DraftItem[] | undefined) =>
      gridFaults(items ?? []).length > 0 ? Promise.reject(new Error(t('item.faults'))) : Promise.resolve(),
  }
  return (
    <>
      <Form
        form={form}
        layout="vertical"
        initialValues={props.initial}
        onValuesChange={props.onDirty}
        onFinish={(values: object) => props.onSave(contentOf(values))}
        scrollToFirstError={{ focus: true, block: 'center' }}
      >
        <FormSummary form={form} problem={problem} />
        <div className="ht-edit">
          <div>
            <Section title={t('dataset.groupBasic')}>
              <BasicFields />
            </Section>
            <Section title={t('dataset.groupSharing')}>
              <SharingFields />
            </Section>
            <Section title={t('dataset.groupSafety')}>
              <SafetyFields />
            </Section>
          </div>
          <MissingAside form={form} missing={props.missing} />
        </div>
        <Section title={t('dataset.items')}>
          <Form.Item name="items" rules={[itemsRule]} validateTrigger="onSubmit">
            <ItemsEditor />
          </Form.Item>
        </Section>
      </Form>
      <LeaveGuard dirty={props.dirty} />
    </>
  )
}

/** Ctrl+S saves, as everywhere else. */
function useSaveKey(form: FormInstance): void {
  useEffect(() => {
    const save = (event: KeyboardEvent) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      form.submit()
    }
    document.addEventListener('keydown', save)
    return () => document.removeEventListener('keydown', save)
  }, [form])
}

function MissingAside({ form, missing }: { readonly form: FormInstance; readonly missing: readonly MissingPlace[] }) {
  const { t, say } = useWords()
  return (
    <aside className="ht-edit-aside" aria-label={t('dataset.missingTitle')}>
      <h2>{t('dataset.missingTitle')}</h2>
      {missing.length === 0 ? (
        <p className="ht-quiet">{t('dataset.missingNone')}</p>
      ) : (
        <ul className="ht-places">
          {missing.map((place) => (
            <li key={place.path + place.words.zh}>
              <Button type="link" size="small" className="ht-inline-link" onClick={() => goToField(form, place.path)}>
                {say(place.words)}
              </Button>
              <small className="ht-quiet">{place.source}</small>
            </li>
          ))}
        </ul>
      )}
      <p className="ht-quiet">{t('dataset.missingHelp')}</p>
    </aside>
  )
}

/** Asks before unsaved work is left. */
function LeaveGuard({ dirty }: { readonly dirty: boolean }) {
  const { t } = useWords()
  const blocker = useBlocker(dirty)
  useEffect(() => {
    if (!dirty) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [dirty])
  if (blocker.state !== 'blocked') return null
  return (
    <div className="ht-leave" role="alertdialog" aria-label={t('leave.title')}>
      <Alert
        type="warning"
        showIcon
        title={t('leave.title')}
        action={
          <span className="ht-inline">
            <Button size="small" autoFocus onClick={() => blocker.reset()}>
              {t('leave.stay')}
            </Button>
            <Button size="small" danger onClick={() => blocker.proceed()}>
              {t('leave.go')}
            </Button>
          </span>
        }
      />
    </div>
  )
}

/** Whether a form was changed since it was last saved. */
export function useDirty(): { dirty: boolean; touch: () => void; clean: () => void } {
  const [dirty, setDirty] = useState(false)
  return { dirty, touch: () => setDirty(true), clean: () => setDirty(false) }
}
