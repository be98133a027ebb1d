import { listDataElements } from '@huitong/contract/data-standards'
import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { QueryTable, useFilter, type RowOf } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { Mark } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { NewElement } from './element-form.tsx'
import { SearchStandards } from './search-standards.tsx'
import { STANDARDS } from './standards-words.ts'

export default function DataElementsPage() {
  const { t, say } = useWords()
  const can = useCan()
  const [q] = useFilter('q')
  const [isOpen, setIsOpen] = useState(false)
  const columns: Column<RowOf<typeof listDataElements>>[] = [
    {
      title: say(STANDARDS.identifier),
      key: 'identifier',
      width: 130,
      render: (row) => <span className="ht-code">{row.identifier}</span>,
    },
    {
      title: say(STANDARDS.element),
      key: 'name',
      render: (row) => <Link to={paths.dataElement(row.id)}>{say(row.name)}</Link>,
    },
    { title: say(STANDARDS.type), key: 'type', width: 110, render: (row) => say(STANDARDS[row.type]) },
    { title: say(STANDARDS.format), key: 'format', width: 130, render: (row) => <code>{row.format}</code> },
    {
      title: say(STANDARDS.codeSet),
      key: 'set',
      width: 200,
      render: (row) =>
        row.codeSet ? (
          <Link to={paths.codeSet(row.codeSet.id, row.codeSet.label)}>
            {row.codeSet.code} {row.codeSet.label}
          </Link>
        ) : (
          <span className="ht-quiet">–</span>
        ),
    },
    {
      title: say(STANDARDS.state),
      key: 'state',
      width: 110,
      render: (row) => <Mark tone={row.state === 'in_force' ? 'good' : 'idle'}>{say(STANDARDS[row.state])}</Mark>,
    },
  ]
  return (
    <>
      <PageHead
        title={t('rail.elements')}
        actions={
          can('standard.manage') && (
            <Button type="primary" onClick={() => setIsOpen(true)}>
              {say(STANDARDS.newElement)}
            </Button>
          )
        }
      />
      <SearchStandards />
      <QueryTable
        endpoint={listDataElements}
        query={q ? { q } : {}}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.elements')}
        empty={say(STANDARDS.elementsNone)}
      />
      {isOpen && <NewElement onClose={() => setIsOpen(false)} />}
    </>
  )
}
