import type { ReplyOf } from '@huitong/contract'
import { readImpact } from '@huitong/contract/lineage'
import { Select } from 'antd'
import { Link } from 'react-router'
import { toProblem, useRead } from '../../../api.ts'
import { paths } from '../../../paths.ts'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { type Column, PlainTable } from '../../../ui/list-table.tsx'
import { Mark } from '../../../ui/marks.tsx'
import { Section } from '../../../ui/page-head.tsx'
import { fill, useWords } from '../../../words/index.ts'
import { linkOf } from './lineage-says.ts'
import { LINEAGE } from './lineage-words.ts'

type Impact = ReplyOf<typeof readImpact>
type Touched = Impact['touched'][number]
type Touch = Impact['grants'][number]

/** Names of items by their codes. */
type Labels = ReadonlyMap<string, string>

interface Props {
  readonly datasetId: string
  readonly offered: readonly { readonly value: string; readonly label: string }[]
  /** Items that are to change. */
  readonly items: readonly string[]
  onItems(items: string[]): void
}

/** What a change of items would touch, before it is made. */
export function ImpactPanel({ datasetId, offered, items, onItems }: Props) {
  const { say } = useWords()
  const labels = new Map(offered.map((one) => [one.value, one.label]))
  const known = items.filter((one) => labels.has(one))
  return (
    <Section title={say(LINEAGE.impact)} id="impact">
      <p className="ht-quiet">{say(LINEAGE.impactHelp)}</p>
      <div className="ht-filters">
        <Select
          mode="multiple"
          className="ht-lineage-items"
          value={known}
          options={[...offered]}
          onChange={onItems}
          optionFilterProp="label"
          placeholder={say(LINEAGE.impactItems)}
          aria-label={say(LINEAGE.impactItems)}
        />
      </div>
      {known.length > 0 && <Result datasetId={datasetId} items={known} labels={labels} />}
    </Section>
  )
}

interface ResultProps {
  readonly datasetId: string
  readonly items: readonly string[]
  readonly labels: Labels
}

function Result({ datasetId, items, labels }: ResultProps) {
  const { say } = useWords()
  const read = useRead(readImpact, { body: { datasetId, items: [...items].sort() } }, { keep: true })
  if (read.error) return <ErrorPanel problem={toProblem(read.error)} />
  if (!read.data) return null
  const { touched, grants, departments, hidden, truncated } = read.data
  return (
    <>
      {departments.length > 0 && (
        <p>
          {fill(say(LINEAGE.departments), {
            names: departments.map((one) => say(one.name)).join(say(LINEAGE.and)),
          })}
        </p>
      )}
      {hidden > 0 && <p className="ht-quiet">{fill(say(LINEAGE.hidden), { count: hidden })}</p>}
      {truncated && <p className="ht-quiet">{say(LINEAGE.truncated)}</p>}
      <TouchedTable touched={touched} />
      <h3 className="ht-lineage-title">{say(LINEAGE.grants)}</h3>
      <GrantTable grants={grants} labels={labels} />
    </>
  )
}

function TouchedTable({ touched }: { readonly touched: readonly Touched[] }) {
  const { say } = useWords()
  const columns: Column<Touched>[] = [
    { key: 'kind', title: say(LINEAGE.kindTitle), width: 120, render: ({ box }) => say(LINEAGE[`kind.${box.kind}`]) },
    {
      key: 'name',
      title: say(LINEAGE.name),
      render: ({ box }) => {
        const link = linkOf(box)
        return (
          <span className="ht-two">
            <span>{link === null ? say(box.name) : <Link to={link}>{say(box.name)}</Link>}</span>
            {box.code !== null && <code className="ht-code">{box.code}</code>}
          </span>
        )
      },
    },
    {
      key: 'department',
      title: say(LINEAGE.department),
      width: 180,
      render: ({ box }) => (box.departmentName === null ? '–' : say(box.departmentName)),
    },
    {
      key: 'columns',
      title: say(LINEAGE.columns),
      render: ({ box }) =>
        box.columns.map((one) => (one.label === null ? one.name : say(one.label))).join(say(LINEAGE.and)) ||
        say(LINEAGE.rows),
    },
    {
      key: 'part',
      title: say(LINEAGE.part),
      width: 140,
      render: ({ direct }) => (
        <Mark tone={direct ? 'warn' : 'idle'}>{say(direct ? LINEAGE.direct : LINEAGE.indirect)}</Mark>
      ),
    },
  ]
  return (
    <PlainTable
      label={say(LINEAGE.touched)}
      columns={columns}
      rows={touched}
      rowKey={({ box }) => box.id}
      empty={say(LINEAGE.nothing)}
    />
  )
}

function GrantTable({ grants, labels }: { readonly grants: readonly Touch[]; readonly labels: Labels }) {
  const { say } = useWords()
  const columns: Column<Touch>[] = [
    {
      key: 'number',
      title: say(LINEAGE.grantNumber),
      width: 200,
      render: (one) => <Link to={paths.grant(one.id)}>{one.number}</Link>,
    },
    { key: 'grantee', title: say(LINEAGE.grantee), render: (one) => say(one.granteeDepartmentName) },
    {
      key: 'items',
      title: say(LINEAGE.items),
      render: (one) => one.items.map((item) => labels.get(item) ?? item).join(say(LINEAGE.and)),
    },
  ]
  return (
    <PlainTable
      label={say(LINEAGE.grants)}
      columns={columns}
      rows={grants}
      rowKey={(one) => one.id}
      empty={say(LINEAGE.noGrants)}
    />
  )
}
