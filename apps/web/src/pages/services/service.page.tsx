import { addressOf, type ReplyOf } from '@huitong/contract'
import { readService, readServiceDocument } from '@huitong/contract/gateway'
import { Button } from 'antd'
import { useParams } from 'react-router'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { HowToCall } from './how-to-call.tsx'
import { Openings } from './openings.tsx'
import { Operations } from './operations.tsx'
import { ServiceActions } from './service-actions.tsx'
import { TryOut } from './try-out.tsx'

export type Service = ReplyOf<typeof readService>

export default function ServicePage() {
  const { id = '' } = useParams()
  const read = useRead(readService, { params: { id } })
  return <Reading read={read}>{(service) => <Shown service={service} />}</Reading>
}

function Shown({ service }: { readonly service: Service }) {
  const { t, say, choice } = useWords()
  return (
    <>
      <PageHead
        title={say(service.name)}
        code={service.code}
        state={<State list="serviceState" value={service.state} />}
        facts={service.description ?? undefined}
        actions={
          <>
            <ServiceActions service={service} />
            <Button href={addressOf(readServiceDocument, { params: { id: service.id } })} download>
              {t('service.document')}
            </Button>
          </>
        }
      />
      <Facts
        facts={[
          {
            label: t('service.dataset'),
            value: <Link to={paths.dataset(service.datasetId)}>{say(service.datasetName)}</Link>,
          },
          { label: t('service.provider'), value: say(service.providerDepartmentName) },
          { label: t('service.kind'), value: choice('serviceKind', service.kind) },
          ...(service.proxied?.baseUrl
            ? [{ label: t('service.baseUrl'), value: <span className="ht-code">{service.proxied.baseUrl}</span> }]
            : []),
          { label: t('service.createdAt'), value: <Moment at={service.createdAt} /> },
        ]}
      />
      <Section title={t('service.openings')}>
        <Openings service={service} />
      </Section>
      <Section title={t('service.items')}>
        <Items items={service.items} />
      </Section>
      {service.proxied && (
        <Section title={t('service.operations')}>
          <Operations operations={service.proxied.operations} />
        </Section>
      )}
      <Section title={t('try.title')}>
        <TryOut service={service} />
      </Section>
      <Section title={t('service.how')}>
        <HowToCall service={service} />
      </Section>
    </>
  )
}

function Items({ items }: { readonly items: Service['items'] }) {
  const { t, say } = useWords()
  const yes = (is: boolean) => (is ? t('service.yes') : '–')
  const columns: Column<Service['items'][number]>[] = [
    {
      title: t('service.itemCode'),
      key: 'code',
      width: 200,
      render: (one) => <span className="ht-code">{one.code}</span>,
    },
    { title: t('service.itemName'), key: 'name', render: (one) => say(one.name) },
    {
      title: t('service.itemType'),
      key: 'type',
      width: 160,
      render: (one) => <span className="ht-code">{one.type}</span>,
    },
    { title: t('service.itemKey'), key: 'key', width: 90, render: (one) => yes(one.key) },
    { title: t('service.itemMasked'), key: 'masked', width: 180, render: (one) => yes(one.landedMasked) },
  ]
  return <PlainTable label={t('service.items')} columns={columns} rows={items} rowKey={(one) => one.code} />
}
