import { changeOpening } from '@huitong/contract/gateway'
import { Form, Input, InputNumber } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, Exact, Moment } from '../../ui/marks.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Service } from './service.page.tsx'

type Opening = Service['openings'][number]

/** The grants under which the service may be called, with quotas and what is used of them. */
export function Openings({ service }: { readonly service: Service }) {
  const { t, say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [changing, setChanging] = useState<Opening | null>(null)
  const columns: Column<Opening>[] = [
    {
      title: t('service.matter'),
      key: 'matter',
      render: (one) => (
        <span className="ht-two">
          {one.matter.name}
          <small className="ht-code">{one.matter.code}</small>
        </span>
      ),
    },
    { title: t('service.caller'), key: 'caller', width: 190, render: (one) => say(one.departmentName) },
    {
      title: t('service.grant'),
      key: 'grant',
      width: 180,
      render: (one) => (
        <Link to={paths.grant(one.grantId)} className="ht-code">
          {one.grantNumber}
        </Link>
      ),
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (one) => <State list="openingState" value={one.state} />,
    },
    {
      title: t('service.quota'),
      key: 'quota',
      align: 'right',
      width: 170,
      render: (one) => (
        <>
          <Exact value={one.perSecondMax} /> · <Exact value={one.perDayMax} />
        </>
      ),
    },
    {
      title: t('service.today'),
      key: 'today',
      align: 'right',
      width: 100,
      render: (one) => <Count value={one.callsToday} />,
    },
    {
      title: t('service.total'),
      key: 'total',
      align: 'right',
      width: 100,
      render: (one) => <Count value={one.callsTotal} />,
    },
    { title: t('service.until'), key: 'until', width: 150, render: (one) => <Moment at={one.validUntil} form="day" /> },
    ...(can('service.manage')
      ? [
          {
            title: t('action.column'),
            key: 'actions',
            width: 110,
            render: (one: Opening) => (
              <ActionButton
                size="small"
                allowance={allow('service.manage')}
                aria-label={`${t(one.state === 'suspended' ? 'service.resume' : 'service.suspend')} ${one.grantNumber}`}
                onClick={() => setChanging(one)}
              >
                {t(one.state === 'suspended' ? 'service.resume' : 'service.suspend')}
              </ActionButton>
            ),
          },
        ]
      : []),
  ]
  return (
    <>
      <ListTable
        label={t('service.openings')}
        columns={columns}
        rows={service.openings}
        rowKey={(one) => one.id}
        loading={false}
        empty={t('service.openingsNone')}
      />
      {changing && <ChangeOpening opening={changing} onClose={() => setChanging(null)} />}
    </>
  )
}

interface Values {
  perSecondMax: number
  perDayMax: number
  reason?: string
}

function ChangeOpening({ opening, onClose }: { readonly opening: Opening; onClose(): void }) {
  const { t } = useWords()
  const toast = useToast()
  const act = useAct(changeOpening)
  const resumes = opening.state === 'suspended'
  const send = async ({ perSecondMax, perDayMax, reason }: Values) => {
    const body = {
      suspended: !resumes,
      perSecondMax,
      perDayMax,
      ...(reason ? { reason } : {}),
      ...(opening.totalMax === null ? {} : { totalMax: opening.totalMax }),
    }
    const done = await act.run({ params: { id: opening.id }, body }, opening.version).catch(() => null)
    if (!done) return
    toast.good(t('service.saved'))
    onClose()
  }
  return (
    <SideForm<Values>
      open
      title={`${t(resumes ? 'service.resume' : 'service.suspend')} · ${opening.grantNumber}`}
      submitLabel={t(resumes ? 'service.resume' : 'service.suspend')}
      danger={!resumes}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ perSecondMax: opening.perSecondMax, perDayMax: opening.perDayMax }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item name="perSecondMax" label={t('service.perSecond')}>
        <InputNumber min={1} max={10_000} precision={0} />
      </Form.Item>
      <Form.Item name="perDayMax" label={t('service.perDay')}>
        <InputNumber min={1} max={100_000_000} precision={0} />
      </Form.Item>
      {!resumes && (
        <Form.Item
          name="reason"
          label={t('service.reason')}
          rules={[{ required: true, whitespace: true, message: t('form.needed', { label: t('service.reason') }) }]}
        >
          <Input.TextArea rows={3} maxLength={500} showCount />
        </Form.Item>
      )}
    </SideForm>
  )
}
