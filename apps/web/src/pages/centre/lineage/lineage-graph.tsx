import type { LineageBox, LineageEdge } from '@huitong/contract/lineage'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { fill, useWords } from '../../../words/index.ts'
import { linkOf } from './lineage-says.ts'
import {
  BOX_WIDTH,
  changesOf,
  HEAD_HEIGHT,
  layoutOf,
  type Placed,
  ROW_HEIGHT,
  type Spot,
  spotKey,
  wayOf,
} from './lineage-layout.ts'
import { LINEAGE } from './lineage-words.ts'

interface Props {
  readonly boxes: readonly LineageBox[]
  readonly edges: readonly LineageEdge[]
  readonly chosen: Spot | null
  onChoose(spot: Spot | null): void
}

/** Boxes in layers with their columns, joined by lines; a column that is pressed marks its way up and down. */
export function LineageGraph({ boxes, edges, chosen, onChoose }: Props) {
  const { say } = useWords()
  const layout = useMemo(() => layoutOf(boxes, edges), [boxes, edges])
  const way = useMemo(() => (chosen === null ? null : wayOf(edges, chosen)), [edges, chosen])
  const changes = useMemo(() => changesOf(edges), [edges])
  const size = { width: layout.width, height: layout.height }
  return (
    <div className="ht-lineage" role="region" aria-label={say(LINEAGE.graph)} tabIndex={0}>
      <div className="ht-lineage-ground" style={size}>
        <svg {...size} aria-hidden="true">
          {layout.curves.map(({ edge, path, indirect }) => (
            <path
              key={edge}
              d={path}
              className={[
                'ht-lineage-line',
                indirect ? 'ht-lineage-indirect' : '',
                way === null ? '' : way.edges.has(edge) ? 'ht-lineage-on' : 'ht-lineage-off',
              ].join(' ')}
            />
          ))}
        </svg>
        {layout.boxes.map((one) => (
          <Box key={one.box.id} placed={one} {...{ way, chosen, changes, onChoose }} />
        ))}
      </div>
    </div>
  )
}

interface BoxProps extends Pick<Props, 'chosen' | 'onChoose'> {
  readonly placed: Placed
  readonly way: { readonly spots: ReadonlySet<string> } | null
  readonly changes: ReturnType<typeof changesOf>
}

function Box({ placed: { box, x, y, height }, way, chosen, changes, onChoose }: BoxProps) {
  const { say } = useWords()
  const link = linkOf(box)
  const name = say(box.name)
  const isOff = way !== null && ![null, ...box.columns.map((one) => one.name)].some((column) => on(way, box.id, column))
  return (
    <section
      className={isOff ? 'ht-lineage-box ht-lineage-dim' : 'ht-lineage-box'}
      data-kind={box.kind}
      style={{ left: x, top: y, width: BOX_WIDTH, height }}
      aria-label={`${say(LINEAGE[`kind.${box.kind}`])} ${name}`}
    >
      <div className="ht-lineage-head" style={{ height: HEAD_HEIGHT }} title={box.code ?? name}>
        <small>
          {say(LINEAGE[`kind.${box.kind}`])}
          {box.code !== null && <code> {box.code}</code>}
        </small>
        <span>{link === null ? name : <Link to={link}>{name}</Link>}</span>
      </div>
      {box.columns.map((column) => {
        const spot = { box: box.id, column: column.name }
        const isChosen = chosen !== null && spotKey(chosen) === spotKey(spot)
        const hows = [...(changes.get(spotKey(spot)) ?? [])]
        const label = column.label === null ? column.name : say(column.label)
        return (
          <button
            key={column.name}
            type="button"
            aria-pressed={isChosen}
            title={`${label} (${column.name})`}
            className={way !== null && on(way, box.id, column.name) ? 'ht-lineage-marked' : undefined}
            style={{ height: ROW_HEIGHT }}
            onClick={() => onChoose(isChosen ? null : spot)}
          >
            <span>{label}</span>
            {hows.length > 0 && (
              <small>
                {[...hows].map((how) => say(how === 'hidden' ? LINEAGE.unlisted : LINEAGE[`how.${how}`])).join(' ')}
              </small>
            )}
          </button>
        )
      })}
    </section>
  )
}

const on = (way: { readonly spots: ReadonlySet<string> }, box: string, column: string | null) =>
  way.spots.has(spotKey({ box, column }))

/** What is marked, and how to let go. */
export function Chosen({ chosen, edges, boxes, onChoose }: Props) {
  const { say } = useWords()
  if (chosen === null) return null
  const { spots } = wayOf(edges, chosen)
  const column = boxes.find((one) => one.id === chosen.box)?.columns.find((one) => one.name === chosen.column)
  const name = column?.label ? say(column.label) : (chosen.column ?? '')
  return (
    <p role="status">
      {fill(say(LINEAGE.chosen), { column: name, count: spots.size - 1 })}{' '}
      <button type="button" className="ht-link" onClick={() => onChoose(null)}>
        {say(LINEAGE.clear)}
      </button>
    </p>
  )
}
