import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import { Checkbox, Form, Input, Radio, Select } from 'antd'
import { useChoices } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { DayField } from '../../ui/day-field.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
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
  const { t } = useWords()
  const items = content.items ?? []
  const shareable = items.filter((item) => attributeOf(item, content) !== 'refused').map((item) => item.code)
  const chosen = new Set(value)
  // The order of the catalogue is kept, whatever the order of clicking.
  const set = (next: ReadonlySet<string>) => onChange?.(shareable.filter((code) => next.has(code)))
  const toggle = (code: string) => {
    const next = new Set(chosen)
    if (!next.delete(code)) next.add(code)
    set(next)
  }
  const all = shareable.length > 0 && shareable.every((code) => chosen.has(code))
  return (
    <div id={id} tabIndex={-1}>
      <div className="ht-bar">
        <Checkbox
          checked={all}
          indeterminate={!all && chosen.size > 0}
          onChange={() => set(new Set(all ? [] : shareable))}
        >
          {t('wizard.chooseAll')}
        </Checkbox>
        <span className="ht-quiet" aria-live="polite">
          {t('wizard.chosen', { count: chosen.size, total: items.length })}
        </span>
      </div>
      <PlainTable<ItemContent>
        label={t('wizard.items')}
        columns={useChooserColumns(content, chosen, toggle)}
        rows={items}
        rowKey={(item) => item.code}
        rowClassName={(item) => (attributeOf(item, content) === 'refused' ? 'ht-refused' : '')}
        empty={t('item.none')}
      />
    </div>
  )
}

function useChooserColumns(
  content: DatasetContent,
  chosen: ReadonlySet<string>,
  toggle: (code: string) => void,
): Column<ItemContent>[] {
  const { t, say, choice } = useWords()
  const refused = (item: ItemContent) => attributeOf(item, content) === 'refused'
  return [
    {
      key: 'choose',
      width: 250,
      title: t('item.name'),
      render: (item) => (
        <Checkbox checked={chosen.has(item.code)} disabled={refused(item)} onChange={() => toggle(item.code)}>
          {say(item.name)}
        </Checkbox>
      ),
    },
    { key: 'code', width: 190, title: t('item.code'), render: (item) => <code>{item.code}</code> },
    { key: 'type', width: 110, title: t('item.type'), render: (item) => choice('itemType', item.type) },
    {
      key: 'share',
      width: 140,
      title: t('dataset.shareAttribute'),
      render: (item) => <State list="shareAttribute" value={attributeOf(item, content)} />,
    },
    { key: 'level', width: 120, title: t('dataset.level'), render: (item) => choice('level', item.level) },
    {
      key: 'note',
      title: t('wizard.note'),
      render: (item) =>
        refused(item) ? (
          t('wizard.refusedReason', { reason: content.refusalReason ?? t('wizard.refusedByCatalogue') })
        ) : item.personal ? (
          <Mark tone="warn">{t('item.personalMark')}</Mark>
        ) : (
          (item.description ?? '–')
        ),
    },
  ]
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
