import { Spin } from 'antd'
import { PlainTable, type Column } from '../../../ui/list-table.tsx'
import { Mark } from '../../../ui/marks.tsx'
import { Section } from '../../../ui/page-head.tsx'
import { fill, useWords } from '../../../words/index.ts'
import { DESIGN } from '../design-words.ts'
import { RECIPE } from './recipe-words.ts'
import type { Preview } from './step-form.tsx'

/** Rows before and after, as far as the viewer may see them. */
export function RecipePreview({ preview, busy }: { readonly preview: Preview | null; readonly busy: boolean }) {
  const { say } = useWords()
  return (
    <Section title={say(RECIPE.preview)} extra={busy && <Spin size="small" />}>
      {preview && (
        <>
          {preview.left !== null && preview.changed !== null && (
            <p className="ht-quiet">
              {fill(say(RECIPE.previewing), { rows: preview.rows, left: preview.left, changed: preview.changed })}
            </p>
          )}
          {preview.sampleHidden ? <Mark tone="warn">{say(RECIPE.hidden)}</Mark> : <Sample preview={preview} />}
        </>
      )}
    </Section>
  )
}

type Row = Preview['sample'][number]

function Sample({ preview }: { readonly preview: Preview }) {
  const { say } = useWords()
  const columns: Column<Row>[] = [
    {
      title: say(RECIPE.step),
      key: 'steps',
      width: 110,
      render: (row) =>
        row.after === null ? (
          <Mark tone="bad">{say(RECIPE.gone)}</Mark>
        ) : (
          row.steps.map((one) => one + 1).join(', ') || '–'
        ),
    },
    ...preview.columns.map((column, at) => ({
      title: column.masked ? `${say(column.name)} (${say(DESIGN.masked)})` : say(column.name),
      key: column.column,
      width: 170,
      render: (row: Row) => (
        <Cell before={row.before[at] ?? null} after={row.after === null ? undefined : (row.after[at] ?? null)} />
      ),
    })),
  ]
  return (
    <PlainTable
      label={say(RECIPE.preview)}
      columns={columns}
      rows={preview.sample}
      rowKey={(row) => preview.sample.indexOf(row)}
    />
  )
}

/** White space at its ends would not be seen. */
const visible = (value: string) => value.replaceAll(/^\s+|\s+$/gu, (spaces) => '␣'.repeat(spaces.length))

/** A value that stays stands alone; one that changes stands struck out beside what it becomes. */
function Cell({ before, after }: { readonly before: string | null; readonly after: string | null | undefined }) {
  const { say } = useWords()
  const shown = (value: string | null) =>
    value === null || value === '' ? <span className="ht-quiet">{say(RECIPE.empty)}</span> : visible(value)
  if (after === undefined) return <del>{shown(before)}</del>
  if (after === before) return shown(before)
  return (
    <>
      {before !== null && (
        <>
          <del className="ht-quiet">{shown(before)}</del>{' '}
        </>
      )}
      <ins>{shown(after)}</ins>
    </>
  )
}
