import type { LineageBox, LineageEdge } from '@huitong/contract/lineage'
import { type Column, PlainTable } from '../../../ui/list-table.tsx'
import { useWords } from '../../../words/index.ts'
import type { Spot } from './lineage-layout.ts'
import { howWords } from './lineage-says.ts'
import { LINEAGE } from './lineage-words.ts'

type Row = LineageEdge & { readonly at: number }

/** The same in words, for who reads it aloud or on a small screen. */
export function LineageList({
  boxes,
  edges,
}: {
  readonly boxes: readonly LineageBox[]
  readonly edges: readonly LineageEdge[]
}) {
  const { t, say, language } = useWords()
  const known = new Map(boxes.map((one) => [one.id, one]))
  const columns: Column<Row>[] = [
    { key: 'from', title: say(LINEAGE.from), render: (one) => <Place spot={one.from} boxes={known} /> },
    {
      key: 'how',
      title: say(LINEAGE.how),
      width: 260,
      render: (one) => (
        <span className="ht-two">
          <span>
            {howWords(one, language)}
            {one.mask !== null && ` (${t(`mask.${one.mask}`)})`}
          </span>
          {one.says.map((words) => (
            <small key={words.en} className="ht-quiet">
              {say(words)}
            </small>
          ))}
        </span>
      ),
    },
    { key: 'to', title: say(LINEAGE.to), render: (one) => <Place spot={one.to} boxes={known} /> },
  ]
  const rows = edges.map((edge, at) => ({ ...edge, at }))
  return (
    <PlainTable
      label={say(LINEAGE.list)}
      columns={columns}
      rows={rows}
      rowKey={(one) => one.at}
      empty={say(LINEAGE.none)}
    />
  )
}

function Place({ spot, boxes }: { readonly spot: Spot; readonly boxes: ReadonlyMap<string, LineageBox> }) {
  const { say } = useWords()
  const box = boxes.get(spot.box)
  if (box === undefined) return null
  const column = box.columns.find((one) => one.name === spot.column)
  const name = spot.column === null ? say(LINEAGE.rows) : column?.label ? say(column.label) : spot.column
  return (
    <span className="ht-two">
      <span>
        {name}
        {spot.column !== null && column?.label && <code className="ht-code"> {spot.column}</code>}
      </span>
      <small className="ht-quiet">
        {say(LINEAGE[`kind.${box.kind}`])} · {say(box.name)}
      </small>
    </span>
  )
}
