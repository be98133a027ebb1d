import { Checkbox, Form, Input, Radio, Select } from 'antd'
import { useChoices } from '../../parts/selects.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { useWords } from '../../words/index.ts'
import { BASIS_KINDS, FORMAT_CLASSES, LEVELS, METHODS, OPENNESS, SHARE_ATTRIBUTES, UPDATE_CYCLES } from './lists.ts'

/** Name, summary, classification, format, cycle, system, contact. */
export function BasicFields() {
  const { t } = useWords()
  const formats = useChoices('formatClass', FORMAT_CLASSES)
  const cycles = useChoices('updateCycle', UPDATE_CYCLES)
  return (
    <div className="ht-columns">
      <Form.Item
        name={['name', 'zh']}
        label={t('dataset.nameZh')}
        rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('dataset.nameZh') }) }]}
      >
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={t('dataset.nameEn')}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name={['summary', 'zh']} label={t('dataset.summary')} className="ht-wide">
        <Input.TextArea rows={3} maxLength={1000} showCount />
      </Form.Item>
      <Form.Item
        name="classification"
        label={t('dataset.classification')}
        extra={t('dataset.classificationHelp')}
        rules={[{ pattern: /^[1-3]\d{2}\d{3}[0-9A-Za-z]{0,32}$/, message: t('dataset.classificationFormat') }]}
      >
        <Input maxLength={38} spellCheck={false} />
      </Form.Item>
      <Form.Item name="updateCycle" label={t('dataset.updateCycle')}>
        <Select options={cycles} allowClear />
      </Form.Item>
      <Form.Item name={['format', 'class']} label={t('dataset.format')}>
        <Select options={formats} allowClear />
      </Form.Item>
      <Form.Item name={['format', 'type']} label={t('dataset.formatType')} extra={t('dataset.formatTypeHelp')}>
        <Input maxLength={32} spellCheck={false} />
      </Form.Item>
      <Form.Item name="system" label={t('dataset.system')}>
        <Input maxLength={128} />
      </Form.Item>
      <div className="ht-columns">
        <Form.Item name={['contact', 'name']} label={t('dataset.contactName')}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name={['contact', 'phone']} label={t('dataset.contactPhone')}>
          <Input maxLength={32} inputMode="tel" />
        </Form.Item>
      </div>
    </div>
  )
}

/** Share and open attributes, with the basis that a refusal needs. */
export function SharingFields() {
  const { t } = useWords()
  const shares = useChoices('shareAttribute', SHARE_ATTRIBUTES)
  const methods = useChoices('method', METHODS)
  const openness = useChoices('open', OPENNESS)
  const kinds = useChoices('basisKind', BASIS_KINDS)
  const share = Form.useWatch<string | undefined>('shareAttribute')
  const open = Form.useWatch<string | undefined>('open')
  return (
    <div className="ht-columns">
      <Form.Item name="shareAttribute" label={t('dataset.shareAttribute')}>
        <Radio.Group options={shares} />
      </Form.Item>
      <Form.Item name="shareMethods" label={t('dataset.shareMethods')}>
        <Checkbox.Group options={methods} />
      </Form.Item>
      {share !== 'refused' && (
        <>
          <Form.Item name="useConditions" label={t('dataset.useConditions')} className="ht-wide">
            <Input.TextArea rows={2} maxLength={1000} />
          </Form.Item>
          <Form.Item name="shareScope" label={t('dataset.shareScope')}>
            <Input maxLength={500} />
          </Form.Item>
          <Form.Item name="shareUse" label={t('dataset.shareUse')}>
            <Input maxLength={500} />
          </Form.Item>
        </>
      )}
      {share === 'refused' && (
        <>
          <Form.Item name={['refusalBasis', 'kind']} label={t('dataset.refusalKind')}>
            <Select options={kinds} allowClear />
          </Form.Item>
          <Form.Item name={['refusalBasis', 'title']} label={t('dataset.refusalTitle')}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name={['refusalBasis', 'article']} label={t('dataset.refusalArticle')}>
            <Input maxLength={64} />
          </Form.Item>
          <Form.Item name="refusalReason" label={t('dataset.refusalReason')} className="ht-wide">
            <Input.TextArea rows={2} maxLength={1000} />
          </Form.Item>
        </>
      )}
      <Form.Item name="open" label={t('dataset.open')}>
        <Radio.Group options={openness} />
      </Form.Item>
      {open === 'conditional' && (
        <Form.Item name="openConditions" label={t('dataset.openConditions')}>
          <Input maxLength={500} />
        </Form.Item>
      )}
    </div>
  )
}

/** Level, secrecy review and personal-information assessment. */
export function SafetyFields() {
  const { t } = useWords()
  const levels = useChoices('level', LEVELS)
  return (
    <>
      <div className="ht-columns">
        <Form.Item name="level" label={t('dataset.level')}>
          <Select options={levels} allowClear />
        </Form.Item>
      </div>
      <Assessment field="secrecyAssessment" title={t('dataset.secrecy')} />
      <Assessment field="privacyAssessment" title={t('dataset.privacy')} />
    </>
  )
}

function Assessment({ field, title }: { readonly field: string; readonly title: string }) {
  const { t } = useWords()
  return (
    <fieldset className="ht-fieldset">
      <legend>{title}</legend>
      <div className="ht-columns ht-columns-3">
        <Form.Item name={[field, 'number']} label={t('assessment.number')}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name={[field, 'on']} label={t('assessment.on')}>
          <DayField />
        </Form.Item>
        <Form.Item name={[field, 'conclusion']} label={t('assessment.conclusion')}>
          <Input maxLength={500} />
        </Form.Item>
      </div>
    </fieldset>
  )
}
