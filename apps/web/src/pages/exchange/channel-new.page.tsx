import { listGrants, readGrant } from '@huitong/contract/catalogue'
import { createChannel } from '@huitong/contract/exchange'
import type { ReplyOf } from '@huitong/contract'
import { Button, Form, Input, Radio, Select, type FormInstance } from 'antd'
import { useEffect } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { SourceSelect } from '../../parts/selects.tsx'
import { paths } from '../../paths.ts'
import { FormSummary } from '../../ui/form-summary.tsx'
import { showPlaces } from '../../ui/forms.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { DriftPolicyField } from './drift-panel.tsx'
import { FILES } from './file-words.ts'
import { ScheduleFields } from './follow.tsx'
import { MappingFields } from './mapping-fields.tsx'
import { NEW_CHANNEL } from './channel-new-words.ts'
import { mappingOf, type MappingRow } from './mapping.ts'

interface Values {
  grantId: string
  targetSourceId: string
  targetSchema?: string
  targetTable: string
  mode: 'full' | 'cursor' | 'log' | 'diff' | 'files'
  driftPolicy: 'hold' | 'evolve' | 'ignore'
  intervalSeconds?: number
  lagSeconds?: number
  mapping?: MappingRow[]
}
type Grant = ReplyOf<typeof readGrant>

export default function ChannelNewPage() {
  const { t, say } = useWords()
  const toast = useToast()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const [form] = Form.useForm<Values>()
  const act = useAct(createChannel)
  const { problem } = act
  useEffect(() => {
    if (problem) showPlaces(form as FormInstance, problem, say)
  }, [problem, form, say])
  const send = async ({ targetSchema, mapping, ...values }: Values) => {
    const chosen = { ...(targetSchema ? { targetSchema } : {}), ...(mapping ? { mapping: mappingOf(mapping) } : {}) }
    try {
      const channel = await act.run({ body: { ...values, ...chosen } })
      toast.good(t('channel.configured', { number: channel.number }))
      void navigate(paths.channel(channel.id))
    } catch {
      // Shown in the summary.
    }
  }
  const asked = search.get('grant')
  return (
    <>
      <PageHead title={t('channel.configure')} facts={say(NEW_CHANNEL.configureHelp)} />
      <Form<Values>
        form={form}
        layout="vertical"
        className="ht-narrow"
        initialValues={{
          mode: 'full',
          driftPolicy: 'hold',
          intervalSeconds: 60,
          lagSeconds: 30,
          ...(asked ? { grantId: asked } : {}),
        }}
        onFinish={(values) => void send(values)}
        scrollToFirstError={{ focus: true }}
      >
        <FormSummary form={form as FormInstance} problem={problem} />
        <Fields form={form} />
        <Button type="primary" htmlType="submit" loading={act.busy}>
          {t('channel.configure')}
        </Button>
      </Form>
    </>
  )
}

function Fields({ form }: { readonly form: FormInstance<Values> }) {
  const { t, say } = useWords()
  const grantId = Form.useWatch('grantId', form)
  const mode = Form.useWatch('mode', form)
  const read = useRead(readGrant, { params: { id: grantId ?? '' } }, { enabled: grantId !== undefined })
  const grant: Grant | undefined = read.data
  const isFiles = mode === 'files'
  // A grant for files has no fields to map; it may still be of a dataset with a table.
  const forFiles = methodOf(grant) === 'file'
  useEffect(() => {
    if (forFiles) form.setFieldValue('mode', 'files')
  }, [forFiles, form])
  return (
    <>
      <Form.Item
        name="grantId"
        label={t('grant.label')}
        rules={[{ required: true, message: t('channel.grantNeeded') }]}
      >
        <GrantSelect chosen={grant} onPick={() => form.setFieldValue('mapping', undefined)} />
      </Form.Item>
      {grant && (
        <p className="ht-quiet">
          {t('channel.forConsumer', { dataset: say(grant.datasetName), name: say(grant.granteeDepartmentName) })}
        </p>
      )}
      <Form.Item
        name="targetSourceId"
        label={t('channel.targetSource')}
        extra={say(NEW_CHANNEL.targetSourceHelp)}
        rules={[{ required: true, message: t('source.pick') }]}
      >
        <SourceSelect departmentId={grant?.granteeDepartmentId} usage="receive" />
      </Form.Item>
      {!isFiles && (
        <Form.Item name="targetSchema" label={t('channel.targetSchema')} extra={t('channel.targetSchemaHelp')}>
          <Input maxLength={63} spellCheck={false} />
        </Form.Item>
      )}
      <Form.Item
        name="targetTable"
        label={isFiles ? say(FILES.folder) : t('channel.targetTable')}
        extra={isFiles ? say(FILES.folderHelp) : t('channel.targetTableHelp')}
        rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{0,40}$/, message: say(NEW_CHANNEL.targetTableFormat) }]}
      >
        <Input maxLength={41} spellCheck={false} />
      </Form.Item>
      <Form.Item name="mode" label={t('channel.mode')} extra={say(NEW_CHANNEL.modeHelp)}>
        <Radio.Group
          vertical
          options={[
            { value: 'full', label: t('channel.modeFull') },
            { value: 'log', label: t('channel.modeLog') },
            { value: 'cursor', label: t('channel.modeCursor') },
            { value: 'diff', label: t('channel.modeDiff') },
            { value: 'files', label: say(FILES.mode) },
          ]}
        />
      </Form.Item>
      {grantId !== undefined && grant !== undefined && !isFiles && !forFiles && (
        <MappingFields key={grantId} form={form as FormInstance} grantId={grantId} />
      )}
      {mode === 'cursor' && <ScheduleFields />}
      {isFiles && <ScheduleFields withLag={false} />}
      {isFiles && <p className="ht-quiet">{say(FILES.modeHelp)}</p>}
      {mode === 'diff' && <p className="ht-quiet">{say(NEW_CHANNEL.modeDiffHelp)}</p>}
      {mode === 'log' && <p className="ht-quiet">{say(NEW_CHANNEL.modeLogHelp)}</p>}
      {!isFiles && <DriftPolicyField />}
    </>
  )
}

function methodOf(grant: Grant | undefined): string | null {
  const document: unknown = grant?.document
  const isNamed = typeof document === 'object' && document !== null && 'method' in document
  return isNamed && typeof document.method === 'string' ? document.method : null
}

interface GrantSelectProps {
  readonly id?: string
  readonly value?: string
  readonly onChange?: (value: string) => void
  /** Another grant: what was chosen of the last does not fit. */
  readonly onPick: () => void
  /** The grant that the address named, which may not be on the first page. */
  readonly chosen: Grant | undefined
}

function GrantSelect({ chosen, value, onChange, onPick, ...rest }: GrantSelectProps) {
  const { t, say } = useWords()
  const read = useRead(listGrants, { query: { limit: '200' } })
  const label = (grant: Grant) => `${grant.number} · ${say(grant.datasetName)} → ${say(grant.granteeDepartmentName)}`
  const active = (read.data?.items ?? []).filter((grant) => grant.state === 'active')
  const grants = chosen && !active.some((grant) => grant.id === chosen.id) ? [chosen, ...active] : active
  return (
    <Select
      {...rest}
      {...(value === undefined ? {} : { value })}
      onChange={(next: string) => {
        onPick()
        onChange?.(next)
      }}
      placeholder={t('channel.grantNeeded')}
      notFoundContent={t('grants.none')}
      showSearch={{ optionFilterProp: 'label' }}
      loading={read.isFetching}
      options={grants.map((grant) => ({ value: grant.id, label: label(grant) }))}
    />
  )
}
