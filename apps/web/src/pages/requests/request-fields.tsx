import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import { Form, Input, Radio, Select, Table } from 'antd'
import { useChoices } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { Mark } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { METHODS, UPDATE_CYCLES } from '../catalogue/lists.ts'
import { conditionFault, valueTypeOf, type RowFilter } from './row-filter.ts'
import { RowFilterEditor } from './row-filter-editor.tsx'

/** The share attribute that holds for an item: its own, or that of the whole entry. */
export const attributeOf = (item: ItemContent, content: DatasetContent) => item.shareAttribute ?? content.shareAttribute

/** Step 1: which items. */
export function ItemsStep({ content }: { readonly content: DatasetContent }) {
  const { t } = useWords()
  return (
    <Form.Item name="items" rules={[{ required: true, type: 'array', min: 1, message: t('wizard.itemsNeeded') }]}>
      <ItemChooser content={content} />
    </Form.Item>
  )
}

interface ItemChooserProps {
  readonly id?: string
  readonly content: DatasetContent
  readonly value?: string[]
  readonly onChange?: (codes: string[]) => void
}

function ItemChooser({ id, content, value = [], onChange }: ItemChooserProps) {
  const { t, say, choice } = useWords()
  const items = content.items ?? []
  const refused = (item: ItemContent) => attributeOf(item, content) === 'refused'
  return (
    <div id={id} tabIndex={-1}>
      <p className="ht-quiet" aria-live="polite">
        {t('wizard.chosen', { count: value.length, total: items.length })}
      </p>
      <Table<ItemContent>
        size="small"
        rowKey="code"
        dataSource={[...items]}
        pagination={false}
        scroll={{ x: 'max-content' }}
        rowClassName={(item) => (refused(item) ? 'ht-refused' : '')}
        rowSelection={{
          selectedRowKeys: value,
          onChange: (keys) => onChange?.(keys.map(String)),
          columnTitle: (box) => (
            <label>
              {box}
              <span className="ht-unseen">{t('wizard.chooseAll')}</span>
            </label>
          ),
          getCheckboxProps: (item) => ({ disabled: refused(item), 'aria-label': say(item.name) }) as object,
        }}
        columns={[
          { title: t('item.name'), key: 'name', render: (_, item) => say(item.name) },
          { title: t('item.code'), key: 'code', render: (_, item) => <code>{item.code}</code> },
          { title: t('item.type'), key: 'type', render: (_, item) => choice('itemType', item.type) },
          {
            title: t('dataset.shareAttribute'),
            key: 'share',
            render: (_, item) => <State list="shareAttribute" value={attributeOf(item, content)} />,
          },
          { title: t('dataset.level'), key: 'level', render: (_, item) => choice('level', item.level) },
          {
            title: t('wizard.note'),
            key: 'note',
            render: (_, item) =>
              refused(item) ? (
                t('wizard.refusedReason', { reason: content.refusalReason ?? t('wizard.refusedByCatalogue') })
              ) : item.personal ? (
                <Mark tone="warn">{t('item.personalMark')}</Mark>
              ) : (
                (item.description ?? '–')
              ),
          },
        ]}
      />
    </div>
  )
}

/** Step 2: what the data are for. */
export function UseStep() {
  const { t } = useWords()
  const needed = (label: string) => [{ required: true, whitespace: true, message: t('form.needed', { label }) }]
  return (
    <div className="ht-columns">
      <Form.Item
        name={['matter', 'name']}
        label={t('request.matterName')}
        extra={t('request.matterHelp')}
        rules={needed(t('request.matterName'))}
      >
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item name={['matter', 'code']} label={t('request.matterCode')} rules={needed(t('request.matterCode'))}>
        <Input maxLength={64} spellCheck={false} />
      </Form.Item>
      <Form.Item name="purpose" label={t('request.purpose')} rules={needed(t('request.purpose'))} className="ht-wide">
        <Input.TextArea rows={3} maxLength={1000} showCount />
      </Form.Item>
      <Form.Item
        name="legalBasis"
        label={t('request.legalBasis')}
        extra={t('request.legalBasisHelp')}
        rules={needed(t('request.legalBasis'))}
        className="ht-wide"
      >
        <Input.TextArea rows={2} maxLength={1000} />
      </Form.Item>
      <Form.Item name="scenario" label={t('request.scenario')} rules={needed(t('request.scenario'))}>
        <Input.TextArea rows={2} maxLength={1000} />
      </Form.Item>
      <Form.Item
        name="scope"
        label={t('request.scope')}
        extra={t('request.scopeHelp')}
        rules={needed(t('request.scope'))}
      >
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </div>
  )
}

/** Step 3: how, how often, how long, which rows. */
export function TermsStep({ content }: { readonly content: DatasetContent }) {
  const { t } = useWords()
  const offered = content.shareMethods?.length ? content.shareMethods : METHODS
  const methods = useChoices('method', offered)
  const cycles = useChoices('updateCycle', UPDATE_CYCLES)
  const items = content.items ?? []
  const shareable = items.filter((item) => attributeOf(item, content) !== 'refused')
  const filterRule = {
    validator: (_: unknown, filter: RowFilter | undefined) => {
      const wrong = filter?.conditions.some(
        (condition) =>
          conditionFault(condition, valueTypeOf(items.find((item) => item.code === condition.field)?.type)) !== null,
      )
      return wrong ? Promise.reject(new Error(t('filterRows.fault'))) : Promise.resolve()
    },
  }
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  return (
    <>
      <div className="ht-columns">
        <Form.Item name="method" label={t('request.method')} rules={needed(t('request.method'))}>
          <Radio.Group options={methods} />
        </Form.Item>
        <Form.Item name="frequency" label={t('request.frequency')}>
          <Select options={cycles} allowClear />
        </Form.Item>
        <Form.Item name="from" label={t('request.from')} rules={needed(t('request.from'))}>
          <DayField />
        </Form.Item>
        <Form.Item
          name="until"
          label={t('request.until')}
          dependencies={['from']}
          rules={[
            ...needed(t('request.until')),
            ({ getFieldValue }) => ({
              validator: (_, until: string | undefined) =>
                !until || until >= (getFieldValue('from') ?? '')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('request.untilBeforeFrom'))),
            }),
          ]}
        >
          <DayField />
        </Form.Item>
      </div>
      <Form.Item name="rowFilter" label={t('request.rowFilter')} rules={[filterRule]} validateTrigger="onSubmit">
        <RowFilterEditor items={shareable} />
      </Form.Item>
    </>
  )
}
