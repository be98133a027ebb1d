import { listRecipeRuns, listRecipeVersions, undoRecipeRun } from '@huitong/contract/recipes'
import { Button } from 'antd'
import { useAct } from '../../../api.ts'
import { QueryTable, type RowOf } from '../../../parts/query-table.tsx'
import { useCan } from '../../../session.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import type { Column } from '../../../ui/list-table.tsx'
import { Count, Exact, Mark, Moment, type Tone } from '../../../ui/marks.tsx'
import { Section } from '../../../ui/page-head.tsx'
import { useToast } from '../../../ui/toast.tsx'
import { useWords } from '../../../words/index.ts'
import { DESIGN } from '../design-words.ts'
import { RECIPE, RUN_STATES } from './recipe-words.ts'
import type { Step } from './step-form.tsx'

type Run = RowOf<typeof listRecipeRuns>
const TONES: Readonly<Record<Run['state'], Tone>> = {
  queued: 'wait',
  running: 'busy',
  done: 'good',
  failed: 'bad',
  undone: 'idle',
}

/** The runs of a recipe with what each step did; the one that holds now can be undone. */
export function RecipeRuns({ recipeId }: { readonly recipeId: string }) {
  const { t, say } = useWords()
  const can = useCan()
  const toast = useToast()
  const act = useAct(undoRecipeRun)
  const undo = async (run: Run) => {
    if (await act.run({ params: { id: run.id } }).catch(() => null)) toast.good(say(RECIPE.undone))
  }
  const columns: Column<Run>[] = [
    {
      title: say(RECIPE.number),
      key: 'number',
      width: 160,
      render: (row) => <span className="ht-code">{row.number}</span>,
    },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 190,
      render: (row) => (
        <span className="ht-marks">
          <Mark tone={TONES[row.state]}>{say(RUN_STATES[row.state])}</Mark>
          {row.current && <Mark tone="good">{say(RECIPE.current)}</Mark>}
        </span>
      ),
    },
    { title: say(RECIPE.version), key: 'version', width: 80, align: 'right', render: (row) => row.recipeVersion },
    { title: say(RECIPE.rows), key: 'rows', width: 110, align: 'right', render: (row) => <Count value={row.rows} /> },
    { title: say(RECIPE.left), key: 'left', width: 120, align: 'right', render: (row) => <Count value={row.left} /> },
    {
      title: say(RECIPE.changed),
      key: 'changed',
      width: 120,
      align: 'right',
      render: (row) => <Count value={row.changed} />,
    },
    {
      title: say(RECIPE.steps),
      key: 'steps',
      render: (row) =>
        row.problem
          ? say(row.problem)
          : row.steps.map((one, at) => (
              <div key={`${at} ${one.says.zh}`}>
                {at + 1}. {say(one.says)} {one.rows !== null && <Exact value={one.rows} />}
              </div>
            )),
    },
    { title: t('quality.at'), key: 'at', width: 180, render: (row) => <Moment at={row.createdAt} /> },
    {
      title: t('action.column'),
      key: 'actions',
      width: 90,
      render: (row) =>
        row.current && can('quality.manage') ? (
          <Button size="small" loading={act.busy} onClick={() => void undo(row)}>
            {say(RECIPE.undo)}
          </Button>
        ) : null,
    },
  ]
  return (
    <Section title={say(RECIPE.runs)}>
      {act.problem && <ErrorPanel problem={act.problem} />}
      <QueryTable
        endpoint={listRecipeRuns}
        params={{ id: recipeId }}
        columns={columns}
        rowKey={(row) => row.id}
        label={say(RECIPE.runs)}
        empty={say(RECIPE.never)}
        everyMs={3_000}
        at="run"
      />
    </Section>
  )
}

/** The versions of a recipe; one can be taken back as the next. */
export function RecipeVersions(props: { readonly recipeId: string; onTake?(steps: Step[]): void }) {
  const { t, say } = useWords()
  const { onTake } = props
  const columns: Column<RowOf<typeof listRecipeVersions>>[] = [
    { title: say(RECIPE.version), key: 'version', width: 80, align: 'right', render: (row) => row.version },
    { title: t('quality.at'), key: 'at', width: 180, render: (row) => <Moment at={row.at} /> },
    { title: say(DESIGN.person), key: 'by', width: 140, render: (row) => row.by },
    {
      title: say(RECIPE.steps),
      key: 'steps',
      align: 'right',
      width: 100,
      render: (row) => <Exact value={row.steps.length} />,
    },
    { title: say(RECIPE.runs), key: 'runs', align: 'right', width: 110, render: (row) => <Exact value={row.runs} /> },
    ...(onTake
      ? [
          {
            title: t('action.column'),
            key: 'actions',
            width: 180,
            render: (row: RowOf<typeof listRecipeVersions>) => (
              <Button
                size="small"
                onClick={() => onTake(row.steps)}
                aria-label={`${say(RECIPE.restore)} ${row.version}`}
              >
                {say(RECIPE.restore)}
              </Button>
            ),
          },
        ]
      : []),
  ]
  return (
    <Section title={say(RECIPE.versions)}>
      <QueryTable
        endpoint={listRecipeVersions}
        params={{ id: props.recipeId }}
        columns={columns}
        rowKey={(row) => String(row.version)}
        label={say(RECIPE.versions)}
        empty={say(RECIPE.never)}
        at="version"
      />
    </Section>
  )
}
