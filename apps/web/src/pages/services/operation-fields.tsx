import { Button, Form, Input, InputNumber, Select, Switch } from 'antd'
import { useChoices } from '../../parts/selects.tsx'
import { useWords } from '../../words/index.ts'
import { PARAMETER_TYPES, type DesignOperation } from './design.ts'

interface Props {
  readonly items: readonly { value: string; label: string }[]
  readonly first: Partial<DesignOperation>
  /** What is wrong with a schema as text; null: nothing that can be seen here. */
  problemOf(text: string): 'json' | null
}

/** The operations of a department's service: one group of fields for each. */
export function OperationFields({ items, first, problemOf }: Props) {
  const { t } = useWords()
  return (
    <Form.List name="operations">
      {(fields, { add, remove }) => (
        <>
          {fields.map((field, index) => (
            <fieldset key={field.key} className="ht-fieldset">
              <legend>{t('service.operationNumber', { number: index + 1 })}</legend>
              <OperationField name={field.name} items={items} problemOf={problemOf} />
              {fields.length > 1 && (
                <Button size="small" onClick={() => remove(field.name)}>
                  {t('service.operationRemove')}
                </Button>
              )}
            </fieldset>
          ))}
          {fields.length < 20 && <Button onClick={() => add(first)}>{t('service.operationAdd')}</Button>}
        </>
      )}
    </Form.List>
  )
}

function OperationField({ name, items, problemOf }: Pick<Props, 'items' | 'problemOf'> & { readonly name: number }) {
  const { t } = useWords()
  const method = Form.useWatch(['operations', name, 'method'])
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  const isJson = (label: string) => ({
    validator: (_rule: unknown, text: string | undefined) =>
      !text || problemOf(text) === null ? Promise.resolve() : Promise.reject(new Error(t('form.format', { label }))),
  })
  const pattern = (label: string, form: RegExp) => ({ pattern: form, message: t('form.format', { label }) })
  return (
    <>
      <Form.Item name={[name, 'name']} label={t('service.operationName')} rules={needed(t('service.operationName'))}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item
        name={[name, 'code']}
        label={t('service.operationCode')}
        rules={[...needed(t('service.operationCode')), pattern(t('service.operationCode'), /^[a-z][a-z0-9-]{0,62}$/)]}
      >
        <Input maxLength={63} spellCheck={false} autoComplete="off" />
      </Form.Item>
      <Form.Item name={[name, 'method']} label={t('service.method')}>
        <Select options={['GET', 'POST'].map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Form.Item
        name={[name, 'path']}
        label={t('service.path')}
        rules={[...needed(t('service.path')), pattern(t('service.path'), /^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/)]}
      >
        <Input maxLength={500} spellCheck={false} autoComplete="off" placeholder="/people" />
      </Form.Item>
      <Form.Item name={[name, 'items']} label={t('service.gives')} rules={needed(t('service.gives'))}>
        <Select mode="multiple" options={[...items]} showSearch={{ optionFilterProp: 'label' }} />
      </Form.Item>
      <ParameterFields name={name} />
      {method === 'POST' && (
        <Form.Item
          name={[name, 'body']}
          label={t('service.bodySchema')}
          rules={[...needed(t('service.bodySchema')), isJson(t('service.bodySchema'))]}
        >
          <Input.TextArea rows={4} spellCheck={false} className="ht-code" />
        </Form.Item>
      )}
      <Form.Item
        name={[name, 'reply']}
        label={t('service.replySchema')}
        rules={[...needed(t('service.replySchema')), isJson(t('service.replySchema'))]}
      >
        <Input.TextArea rows={11} spellCheck={false} className="ht-code" />
      </Form.Item>
      <Form.Item name={[name, 'cacheSeconds']} label={t('service.cacheSeconds')}>
        <InputNumber min={0} max={3_600} precision={0} />
      </Form.Item>
    </>
  )
}

function ParameterFields({ name }: { readonly name: number }) {
  const { t } = useWords()
  const types = useChoices('parameterType', PARAMETER_TYPES)
  const needed = [{ required: true, message: t('form.needed', { label: t('service.parameterName') }) }]
  return (
    <Form.List name={[name, 'parameters']}>
      {(fields, { add, remove }) => (
        <>
          {fields.map((field) => (
            <div key={field.key} className="ht-marks">
              <Form.Item name={[field.name, 'name']} label={t('service.parameterName')} rules={needed}>
                <Input maxLength={63} spellCheck={false} autoComplete="off" />
              </Form.Item>
              <Form.Item name={[field.name, 'type']} label={t('service.itemType')}>
                <Select options={types} className="ht-filter" />
              </Form.Item>
              <Form.Item name={[field.name, 'lengthMax']} label={t('service.lengthMax')}>
                <InputNumber min={1} max={2_000} precision={0} />
              </Form.Item>
              <Form.Item name={[field.name, 'required']} label={t('service.required')} valuePropName="checked">
                <Switch />
              </Form.Item>
              <Button size="small" onClick={() => remove(field.name)}>
                {t('service.parameterRemove')}
              </Button>
            </div>
          ))}
          <Form.Item>
            <Button size="small" onClick={() => add({ type: 'text', lengthMax: 100, required: true })}>
              {t('service.parameterAdd')}
            </Button>
          </Form.Item>
        </>
      )}
    </Form.List>
  )
}
