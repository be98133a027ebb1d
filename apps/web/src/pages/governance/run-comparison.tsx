import type { ReplyOf } from '@huitong/contract'
import { listRuns } from '@huitong/contract/governance'
import { compareRuns, listChangedFindings } from '@huitong/contract/run-comparison'
import { Button, Drawer, Select } from 'antd'
import { Link } from 'react-router'
import { useRead } from '../../api.ts'
import { QueryTable, useFilter } from '../../parts/query-table.tsx'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Exact, Moment } from '../../ui/marks.tsx'
import { Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'
import { useFindingColumns } from './finding-columns.tsx'
import { Score } from './quality-columns.tsx'

/** Where the place in the list of changed rows is kept: the page has another list. */
const PLACE = 'changedAfter'

type Comparison = ReplyOf<typeof compareRuns>
type Rule = Comparison['rules'][number]
/** Rows of which a list is asked for: `appeared:name_missing`. */
type Shown = { readonly change: 'appeared' | 'gone'; readonly rule: string }

const shownOf = (text: string | undefined): Shown | null => {
  const [change, rule] = (text ?? '').split(':')
  return (change === 'appeared' || change === 'gone') && rule ? { change, rule } : null
}

/** What became of the findings since an earlier check of the same rules. */
export function RunComparison({ run }: { readonly run: { readonly id: string; readonly datasetId: string } }) {
  const { say } = useWords()
  const [earlier, setEarlier] = useFilter('with')
  const read = useRead(compareRuns, { params: { id: run.id }, query: earlier ? { with: earlier } : {} })
  return (
    <Section title={say(CHECKS['compare.title'])} extra={<Earlier run={run} value={earlier} onChange={setEarlier} />}>
      <Reading read={read}>
        {(reply) =>
          reply.before === null ? (
            <p className="ht-quiet">{say(CHECKS['compare.first'])}</p>
          ) : (
            <Compared comparison={reply} earlier={earlier} />
          )
        }
      </Reading>
    </Section>
  )
}

/** Which earlier check; without a choice the newest. */
function Earlier(props: {
  readonly run: { readonly id: string; readonly datasetId: string }
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}) {
  const { say } = useWords()
  const read = useRead(listRuns, { query: { datasetId: props.run.datasetId, kind: 'full', limit: '200' } })
  const items = read.data?.items ?? []
  const at = items.findIndex((one) => one.id === props.run.id)
  const earlier = at === -1 ? [] : items.slice(at + 1).filter((one) => one.state === 'done')
  if (earlier.length < 2) return null
  return (
    <Select
      aria-label={say(CHECKS['compare.with'])}
      size="small"
      style={{ minWidth: 200 }}
      allowClear
      placeholder={say(CHECKS['compare.latest'])}
      value={props.value}
      onChange={props.onChange}
      options={earlier.map((one) => ({ value: one.id, label: one.number }))}
    />
  )
}

function Compared(props: { readonly comparison: Comparison; readonly earlier: string | undefined }) {
  const { say } = useWords()
  const { before, rows, rules, run } = props.comparison
  const [text, setText] = useFilter('changed', PLACE)
  const shown = shownOf(text)
  return (
    <>
      <p>
        {say(CHECKS['compare.against'])}{' '}
        <Link to={paths.qualityRun(before!.id)} className="ht-code">
          {before!.number}
        </Link>{' '}
        (<Moment at={before!.finishedAt ?? before!.createdAt} />) · {say(CHECKS['compare.score'])}{' '}
        <Score value={before!.score} /> → <Score value={run.score} />
        {rows !== null && (
          <>
            {' '}
            · {say(CHECKS['compare.appeared'])} <Exact value={rows.appeared} /> · {say(CHECKS['compare.gone'])}{' '}
            <Exact value={rows.gone} /> · {say(CHECKS['compare.remaining'])} <Exact value={rows.remaining} />
          </>
        )}
      </p>
      <Rules rules={rules} onShow={(one) => setText(`${one.change}:${one.rule}`)} />
      {shown !== null && (
        <Changed
          comparison={props.comparison}
          shown={shown}
          earlier={props.earlier}
          onClose={() => setText(undefined)}
        />
      )}
    </>
  )
}

function Rules({ rules, onShow }: { readonly rules: readonly Rule[]; readonly onShow: (shown: Shown) => void }) {
  const { t, say } = useWords()
  const can = useCan()
  const changed = (row: Rule, change: Shown['change']) => {
    const count = row[change]
    if (count === null || count === '0' || !can('finding.read')) return <Exact value={count} />
    const label = `${say(row.name)}: ${say(CHECKS[`compare.${change}`])} ${count}`
    return (
      <Button type="link" size="small" aria-label={label} onClick={() => onShow({ change, rule: row.code })}>
        <Exact value={count} />
      </Button>
    )
  }
  const number = (key: string, title: string, render: Column<Rule>['render']): Column<Rule> => ({
    title,
    key,
    width: 120,
    align: 'right',
    render,
  })
  const columns: Column<Rule>[] = [
    {
      title: say(CHECKS['suite.rule']),
      key: 'rule',
      render: (row) => (
        <span className="ht-two">
          {say(row.name)}
          <small>{row.change === 'same' ? say(row.kindWords) : say(CHECKS[`compare.rule_${row.change}`])}</small>
        </span>
      ),
    },
    number('before', say(CHECKS['compare.brokenBefore']), (row) => <Exact value={row.before?.broken ?? null} />),
    number('after', say(CHECKS['compare.brokenAfter']), (row) => <Exact value={row.after?.broken ?? null} />),
    number('appeared', say(CHECKS['compare.appeared']), (row) => changed(row, 'appeared')),
    number('gone', say(CHECKS['compare.gone']), (row) => changed(row, 'gone')),
    number('remaining', say(CHECKS['compare.remaining']), (row) => <Exact value={row.remaining} />),
  ]
  return (
    <ListTable
      label={say(CHECKS['compare.title'])}
      columns={columns}
      rows={rules}
      rowKey={(row) => row.code}
      loading={false}
      empty={t('quality.notChecked')}
    />
  )
}

function Changed(props: {
  readonly comparison: Comparison
  readonly shown: Shown
  readonly earlier: string | undefined
  readonly onClose: () => void
}) {
  const { t, say } = useWords()
  const { run, rules, keyItems } = props.comparison
  const { change, rule } = props.shown
  const columns = useFindingColumns(rules, keyItems)
  const name = rules.find((one) => one.code === rule)?.name
  const title = `${say(CHECKS[`compare.${change}`])}: ${name ? say(name) : rule}`
  return (
    <Drawer open onClose={props.onClose} title={title} size={900} closable={{ 'aria-label': t('action.close') }}>
      <p className="ht-quiet">{say(CHECKS[`compare.${change}Means`])}</p>
      <QueryTable
        endpoint={listChangedFindings}
        params={{ id: run.id }}
        query={{ change, rule, ...(props.earlier ? { with: props.earlier } : {}) }}
        columns={columns}
        rowKey={(row) => row.key.join('/')}
        label={title}
        empty={say(CHECKS['run.clean'])}
        at={PLACE}
      />
    </Drawer>
  )
}
