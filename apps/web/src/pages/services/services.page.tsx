import { listAssets } from '@huitong/contract/centre'
import { createService, listServices } from '@huitong/contract/gateway'
import { Form, Input, Select } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { useChoices } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Count, Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { MakeProxied } from './make-proxied.tsx'

type Row = RowOf<typeof listServices>
const STATES = ['running', 'stopped'] as const

export default function ServicesPage() {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [asked, setState] = useFilter('state')
  const [making, setMaking] = useState<'dataset' | 'proxied' | null>(null)
  const state = STATES.find((one) => one === asked)
  return (
    <>
      <PageHead
        title={t('rail.services')}
        actions={
          can('service.manage') && (
            <>
              <ActionButton type="primary" allowance={allow('service.manage')} onClick={() => setMaking('dataset')}>
                {t('service.make')}
              </ActionButton>
              <ActionButton allowance={allow('service.manage')} onClick={() => setMaking('proxied')}>
                {t('service.makeProxied')}
              </ActionButton>
            </>
          )
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <Select
          key={state ?? ''}
          {...(state ? { value: state } : {})}
          onChange={(value: string | undefined) => setState(value)}
          options={useChoices('serviceState', STATES)}
          allowClear
          placeholder={t('filter.allStates')}
          aria-label={t('dataset.state')}
          className="ht-filter"
        />
      </div>
      <QueryTable
        endpoint={listServices}
        query={state ? { state } : {}}
        columns={useColumns()}
        rowKey={(row) => row.id}
        label={t('rail.services')}
        empty={t(can('service.manage') ? 'service.noneCentre' : 'service.none')}
      />
      {making === 'dataset' && <MakeService onClose={() => setMaking(null)} />}
      {making === 'proxied' && <MakeProxied onClose={() => setMaking(null)} />}
    </>
  )
}

function useColumns(): Column<Row>[] {
  const { t, say, choice } = useWords()
  return [
    {
      title: t('service.name'),
      key: 'name',
      render: (row) => (
        <span className="ht-two">
          <Link to={paths.service(row.id)}>{say(row.name)}</Link>
          <small className="ht-code">{row.code}</small>
        </span>
      ),
    },
    {
      title: t('service.dataset'),
      key: 'dataset',
      render: (row) => <Link to={paths.dataset(row.datasetId)}>{say(row.datasetName)}</Link>,
    },
    { title: t('service.provider'), key: 'provider', width: 200, render: (row) => say(row.providerDepartmentName) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 110,
      render: (row) => <State list="serviceState" value={row.state} />,
    },
    { title: t('service.kind'), key: 'kind', width: 130, render: (row) => choice('serviceKind', row.kind) },
    {
      title: t('service.itemsCount'),
      key: 'items',
      align: 'right',
      width: 90,
      render: (row) => <Count value={row.itemCount} />,
    },
    {
      title: t('service.openings'),
      key: 'openings',
      align: 'right',
      width: 90,
      render: (row) => <Count value={row.openingCount} />,
    },
    { title: t('service.createdAt'), key: 'at', width: 190, render: (row) => <Moment at={row.createdAt} /> },
  ]
}

interface Values {
  channelId: string
  code: string
  name: string
}

function MakeService({ onClose }: { onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(createService)
  const assets = useRead(listAssets, { query: { limit: '200' } })
  const send = async ({ channelId, code, name }: Values) => {
    const made = await act.run({ body: { channelId, code, name: { zh: name } } }).catch(() => null)
    if (!made) return
    toast.good(t('service.made'))
    onClose()
  }
  const needed = (label: string) => [{ required: true, message: t('form.needed', { label }) }]
  return (
    <SideForm<Values>
      open
      title={t('service.make')}
      submitLabel={t('service.make')}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name="channelId" label={t('service.table')} rules={needed(t('service.table'))}>
        <Select
          loading={assets.isFetching}
          showSearch={{ optionFilterProp: 'label' }}
          notFoundContent={t('asset.none')}
          options={(assets.data?.items ?? []).map((one) => ({
            value: one.channelId,
            label: `${say(one.datasetName)} · ${one.table}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="name" label={t('service.name')} rules={needed(t('service.name'))}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item
        name="code"
        label={t('service.code')}
        extra={t('service.codeHelp')}
        rules={[
          ...needed(t('service.code')),
          { pattern: /^[a-z][a-z0-9-]{2,62}$/, message: t('form.format', { label: t('service.code') }) },
        ]}
      >
        <Input maxLength={63} spellCheck={false} autoComplete="off" />
      </Form.Item>
    </SideForm>
  )
}
