import { createSource, listConnectorKinds, listNodes } from '@huitong/contract/nodes'
import type { BodyOf } from '@huitong/contract'
import { Checkbox, Form, Input, InputNumber, Radio, Select } from 'antd'
import { useAct, useRead } from '../../api.ts'
import { useChoices } from '../../parts/selects.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { settingsFields, type SettingsField } from './settings-schema.ts'

/** Whatever may be longer, such as a certificate, has lines. */
const LINE_CHARACTERS_MAX = 4096

type Body = BodyOf<typeof createSource>
interface Values extends Omit<Body, 'name' | 'settings' | 'consent'> {
  name: { zh: string; en?: string }
  settings: Record<string, string | number | boolean | null | undefined>
  consent?: string
}

function bodyOf({ name, settings, consent, ...rest }: Values): Body {
  const given = Object.entries(settings ?? {}).flatMap(([key, value]) =>
    value === undefined || value === null || value === '' ? [] : [[key, value] as const],
  )
  return {
    ...rest,
    frontDatabase: rest.frontDatabase ?? false,
    name: { zh: name.zh, ...(name.en ? { en: name.en } : {}) },
    settings: Object.fromEntries(given),
    ...(consent ? { consent } : {}),
  }
}

/** Registers a data source; its settings come from the connector's own schema, its secrets go sealed to the node. */
export function NewSource({ onClose }: { onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(createSource)
  const kinds = useRead(listConnectorKinds)
  const nodes = useRead(listNodes, { query: { limit: '200' } })
  const usages = useChoices('usage', ['provide', 'receive', 'both'])
  const send = async (values: Values) => {
    try {
      await act.run({ body: bodyOf(values) })
      toast.good(t('source.registered'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  return (
    <SideForm<Values>
      open
      width={560}
      title={t('source.new')}
      submitLabel={t('source.register')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ usage: 'provide', frontDatabase: true }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name={['name', 'zh']} label={t('source.name')} rules={needed(t('source.name'))}>
        <Input maxLength={128} autoFocus />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={t('form.english', { label: t('source.name') })}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name="nodeId" label={t('source.node')} rules={needed(t('source.node'))}>
        <Select
          loading={nodes.isFetching}
          showSearch={{ optionFilterProp: 'label' }}
          options={(nodes.data?.items ?? []).map((node) => ({
            value: node.id,
            label: `${say(node.name)} · ${say(node.departmentName)}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="kind" label={t('source.kind')} rules={needed(t('source.kind'))}>
        <Select
          loading={kinds.isFetching}
          options={(kinds.data?.items ?? []).map((kind) => ({ value: kind.kind, label: say(kind.words) }))}
        />
      </Form.Item>
      <SettingsFields schemas={new Map((kinds.data?.items ?? []).map((kind) => [kind.kind, kind.settingsSchema]))} />
      <Form.Item name="usage" label={t('source.usage')}>
        <Radio.Group options={usages} />
      </Form.Item>
      <Form.Item name="frontDatabase" valuePropName="checked" extra={t('source.frontHelp')}>
        <Checkbox>{t('source.frontLabel')}</Checkbox>
      </Form.Item>
      <ConsentField />
    </SideForm>
  )
}

function SettingsFields({ schemas }: { readonly schemas: ReadonlyMap<string, unknown> }) {
  const { t } = useWords()
  const kind = Form.useWatch<string | undefined>('kind')
  const fields = kind ? settingsFields(schemas.get(kind)) : []
  if (fields.length === 0) return null
  return (
    <fieldset className="ht-fieldset">
      <legend>{t('source.settings')}</legend>
      {fields.map((field) => (
        <SettingsItem key={`${kind ?? ''} ${field.name}`} field={field} />
      ))}
    </fieldset>
  )
}

function SettingsItem({ field }: { readonly field: SettingsField }) {
  const { t, say } = useWords()
  const label = say(field.label)
  const rules = [
    ...(field.required && field.kind !== 'boolean' ? [{ required: true, message: t('form.needed', { label }) }] : []),
    ...(field.pattern ? [{ pattern: field.pattern, message: t('form.format', { label }) }] : []),
  ]
  return (
    <Form.Item
      name={['settings', field.name]}
      label={field.kind === 'boolean' ? undefined : label}
      extra={field.help ? say(field.help) : field.kind === 'secret' ? t('source.secretHelp') : undefined}
      {...(field.initial === undefined ? {} : { initialValue: field.initial })}
      {...(field.kind === 'boolean' ? { valuePropName: 'checked' } : {})}
      rules={rules}
    >
      {field.kind === 'boolean' ? (
        <Checkbox>{label}</Checkbox>
      ) : field.kind === 'choice' ? (
        <Select options={field.choices.map(({ value, label: word }) => ({ value, label: say(word) }))} />
      ) : field.kind === 'integer' ? (
        <InputNumber
          precision={0}
          {...(field.minimum === undefined ? {} : { min: field.minimum })}
          {...(field.maximum === undefined ? {} : { max: field.maximum })}
        />
      ) : (field.maxLength ?? 0) > LINE_CHARACTERS_MAX ? (
        <Input.TextArea rows={3} maxLength={field.maxLength!} spellCheck={false} autoComplete="off" />
      ) : field.kind === 'secret' ? (
        <Input.Password autoComplete="new-password" maxLength={field.maxLength ?? 1024} />
      ) : (
        <Input maxLength={field.maxLength ?? 1024} spellCheck={false} autoComplete="off" />
      )}
    </Form.Item>
  )
}

/** Reading a business database directly needs the department's written consent. */
function ConsentField() {
  const { t } = useWords()
  const front = Form.useWatch<boolean | undefined>('frontDatabase')
  const usage = Form.useWatch<string | undefined>('usage')
  if (front !== false || usage === 'receive') return null
  return (
    <Form.Item
      name="consent"
      label={t('source.consent')}
      extra={t('source.consentHelp')}
      rules={[{ required: true, whitespace: true, message: t('source.consentNeeded') }]}
    >
      <Input maxLength={512} />
    </Form.Item>
  )
}
