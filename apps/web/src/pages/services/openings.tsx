import { useState, type ReactNode } from 'react'
import { Link } from 'react-router'
import { useAllowance } from '../../parts/allowance.ts'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Count, Exact, Moment } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { ChangeOpening, ReleaseOpening } from './opening-forms.tsx'
import type { Service } from './service.page.tsx'

type Opening = Service['openings'][number]

/** The grants under which the service may be called, with quotas and what is used of them. */
export function Openings({ service }: { readonly service: Service }) {
  const { t } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [changing, setChanging] = useState<Opening | null>(null)
  const [releasing, setReleasing] = useState<Opening | null>(null)
  const columns = useColumns()
  const action = (one: Opening): ReactNode => {
    if (one.releasable)
      return (
        <ActionButton
          size="small"
          allowance={allow('service.release')}
          aria-label={`${t('service.release')} ${one.grantNumber}`}
          onClick={() => setReleasing(one)}
        >
          {t('service.release')}
        </ActionButton>
      )
    if (!can('service.manage')) return null
    const word = t(one.state === 'suspended' ? 'service.resume' : 'service.suspend')
    return (
      <ActionButton
        size="small"
        allowance={allow('service.manage')}
        aria-label={`${word} ${one.grantNumber}`}
        onClick={() => setChanging(one)}
      >
        {word}
      </ActionButton>
    )
  }
  const acts = can('service.manage') || service.openings.some((one) => one.releasable)
  return (
    <>
      <ListTable
        label={t('service.openings')}
        columns={
          acts ? [...columns, { title: t('action.column'), key: 'actions', width: 110, render: action }] : columns
        }
        rows={service.openings}
        rowKey={(one) => one.id}
        loading={false}
        empty={t('service.openingsNone')}
      />
      {releasing && <ReleaseOpening opening={releasing} onClose={() => setReleasing(null)} />}
      {changing && <ChangeOpening opening={changing} onClose={() => setChanging(null)} />}
    </>
  )
}

function useColumns(): Column<Opening>[] {
  const { t, say } = useWords()
  return [
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
      width: 220,
      render: (one) => (
        <span className="ht-two">
          <State list="openingState" value={one.state} />
          {one.suspension && <small>{one.suspension.seen ? say(one.suspension.seen) : one.suspension.reason}</small>}
        </span>
      ),
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
  ]
}
