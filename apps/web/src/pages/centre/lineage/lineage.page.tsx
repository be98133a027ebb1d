import type { ReplyOf } from '@huitong/contract'
import { readLineage } from '@huitong/contract/lineage'
import { Segmented, Select } from 'antd'
import { useMemo } from 'react'
import { Link, useParams } from 'react-router'
import { toProblem, useRead } from '../../../api.ts'
import { useFilter } from '../../../parts/query-table.tsx'
import { Reading } from '../../../parts/reading.tsx'
import { paths } from '../../../paths.ts'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { PageHead, Section } from '../../../ui/page-head.tsx'
import { fill, useWords } from '../../../words/index.ts'
import { ImpactPanel } from './impact.tsx'
import { Chosen, LineageGraph } from './lineage-graph.tsx'
import type { Spot } from './lineage-layout.ts'
import { LineageList } from './lineage-list.tsx'
import { LINEAGE } from './lineage-words.ts'

type Lineage = ReplyOf<typeof readLineage>
const DIRECTIONS = ['both', 'up', 'down'] as const

/** Where the columns of a dataset come from and where they go, and what a change of them would touch. */
export default function LineagePage() {
  const { id = '' } = useParams()
  const [item, setItem] = useFilter('item')
  const [direction, setDirection] = useFilter('direction')
  const way = DIRECTIONS.find((one) => one === direction) ?? 'both'
  const whole = useRead(readLineage, { params: { id }, query: {} })
  const query = { ...(item === undefined ? {} : { item }), ...(way === 'both' ? {} : { direction: way }) }
  const read = useRead(readLineage, { params: { id }, query }, { keep: true })
  return (
    <Reading read={whole}>
      {(all) => {
        const items = all.boxes.find((one) => one.id === all.start)?.columns ?? []
        const shown = { id, items, item, setItem, way, setDirection }
        // An item that is not there, or what cannot be read now, is said: the whole would pass for the part.
        return read.error ? (
          <Shown
            {...shown}
            lineage={{ ...all, boxes: [], edges: [], hidden: 0, truncated: false }}
            problem={read.error}
          />
        ) : (
          <Shown {...shown} lineage={read.data ?? all} problem={null} />
        )
      }}
    </Reading>
  )
}

interface ShownProps {
  readonly id: string
  readonly lineage: Lineage
  readonly problem: unknown
  readonly items: Lineage['boxes'][number]['columns']
  readonly item: string | undefined
  readonly way: (typeof DIRECTIONS)[number]
  setItem(item: string | undefined): void
  setDirection(direction: string | undefined): void
}

function Shown({ id, lineage, problem, items, item, way, setItem, setDirection }: ShownProps) {
  const { say } = useWords()
  const [mark, setMark] = useFilter('mark')
  const [changing, setChanging] = useFilter('change')
  const chosen = useMemo(() => spotOf(mark, lineage), [mark, lineage])
  const choose = (spot: Spot | null) => setMark(spot === null ? undefined : JSON.stringify([spot.box, spot.column]))
  const name = say(lineage.name)
  const offered = items.map((one) => ({ value: one.name, label: one.label === null ? one.name : say(one.label) }))
  const { boxes, edges, hidden, truncated } = lineage
  return (
    <>
      <PageHead title={fill(say(LINEAGE.title), { name })} facts={<Link to={paths.dataset(id)}>{name}</Link>} />
      <p className="ht-quiet">{say(LINEAGE.help)}</p>
      <div className="ht-filters">
        <Select
          className="ht-lineage-item"
          value={item ?? ''}
          aria-label={say(LINEAGE.item)}
          showSearch
          optionFilterProp="label"
          options={[{ value: '', label: say(LINEAGE.allItems) }, ...offered]}
          onChange={(value) => setItem(value === '' ? undefined : value)}
        />
        <Segmented
          value={way}
          aria-label={say(LINEAGE.direction)}
          options={DIRECTIONS.map((one) => ({ value: one, label: say(LINEAGE[`direction.${one}`]) }))}
          onChange={(value) => setDirection(value === 'both' ? undefined : value)}
        />
        {hidden > 0 && <span className="ht-quiet">{fill(say(LINEAGE.hidden), { count: hidden })}</span>}
        {truncated && <span className="ht-quiet">{say(LINEAGE.truncated)}</span>}
      </div>
      {problem !== null && <ErrorPanel problem={toProblem(problem)} />}
      {edges.length > 0 && (
        <>
          <Chosen {...{ boxes, edges, chosen }} onChoose={choose} />
          <LineageGraph {...{ boxes, edges, chosen }} onChoose={choose} />
        </>
      )}
      <ImpactPanel
        datasetId={id}
        offered={offered}
        items={changing?.split(',') ?? []}
        onItems={(some) => setChanging(some.join(','))}
      />
      {problem === null && (
        <Section title={say(LINEAGE.list)}>
          <LineageList boxes={boxes} edges={edges} />
        </Section>
      )}
    </>
  )
}

/** The column that the address marks, where the answer has it. */
function spotOf(mark: string | undefined, { boxes }: Lineage): Spot | null {
  try {
    const [id, name] = JSON.parse(mark ?? '[]') as [string, string]
    const box = boxes.find((one) => one.id === id)
    return box?.columns.some((one) => one.name === name) ? { box: id, column: name } : null
  } catch {
    return null
  }
}
