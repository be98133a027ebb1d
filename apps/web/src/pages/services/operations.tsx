import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import type { Service } from './service.page.tsx'

type Operation = NonNullable<Service['proxied']>['operations'][number]

/** What may be asked of a department's own service. */
export function Operations({ operations }: { readonly operations: readonly Operation[] }) {
  const { t, say } = useWords()
  const columns: Column<Operation>[] = [
    {
      title: t('service.operation'),
      key: 'name',
      render: (one) => (
        <span className="ht-two">
          {say(one.name)}
          <small className="ht-code">{one.code}</small>
        </span>
      ),
    },
    {
      title: t('service.method'),
      key: 'method',
      width: 90,
      render: (one) => <span className="ht-code">{one.method}</span>,
    },
    {
      title: t('service.parameters'),
      key: 'parameters',
      render: (one) => (
        <span className="ht-code">
          {one.parameters
            .map((parameter) => (parameter.required ? parameter.name : `[${parameter.name}]`))
            .join(', ') || '–'}
        </span>
      ),
    },
    {
      title: t('service.gives'),
      key: 'items',
      render: (one) => <span className="ht-code">{one.items.join(', ')}</span>,
    },
    {
      title: t('service.cacheSeconds'),
      key: 'cache',
      align: 'right',
      width: 130,
      render: (one) => (one.cacheSeconds === 0 ? '–' : one.cacheSeconds),
    },
  ]
  return <PlainTable label={t('service.operations')} columns={columns} rows={operations} rowKey={(one) => one.code} />
}
