import {
  createRecipe,
  listRecipes,
  listStepKinds,
  previewRecipe,
  readRecipe,
  startRecipeRun,
  updateRecipe,
} from '@huitong/contract/recipes'
import { listColumns } from '@huitong/contract/rule-design'
import type { ReplyOf } from '@huitong/contract'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { useParams } from 'react-router'
import { toProblem, useAct, useRead } from '../../../api.ts'
import { Reading } from '../../../parts/reading.tsx'
import { useCan } from '../../../session.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { ListTable, PlainTable, type Column } from '../../../ui/list-table.tsx'
import { Count, Mark } from '../../../ui/marks.tsx'
import { PageHead, Section } from '../../../ui/page-head.tsx'
import { useToast } from '../../../ui/toast.tsx'
import { fill, useWords } from '../../../words/index.ts'
import { DESIGN } from '../design-words.ts'
import type { Ground } from '../rule-form.tsx'
import { RecipePreview } from './recipe-preview.tsx'
import { RecipeRuns, RecipeVersions } from './recipe-runs.tsx'
import { RECIPE } from './recipe-words.ts'
import { StepForm, type Preview, type Step, type StepKinds } from './step-form.tsx'
import { ValueGroups } from './value-groups.tsx'

type Recipe = ReplyOf<typeof readRecipe>

/** The recipe of a dataset: whoever may designs, previews and runs it; its department reads it. */
export default function RecipePage() {
  const { id = '' } = useParams()
  const { say } = useWords()
  const can = useCan()
  const found = useRead(listRecipes, { query: { datasetId: id } })
  const recipeId = found.data?.items[0]?.id ?? null
  const recipe = useRead(readRecipe, { params: { id: recipeId ?? '' } }, { enabled: recipeId !== null })
  return (
    <Reading read={found}>
      {() =>
        recipeId === null ? (
          can('quality.manage') ? (
            <Designing datasetId={id} recipe={null} />
          ) : (
            <PageHead title={say(RECIPE.steps)} facts={say(RECIPE.noSteps)} />
          )
        ) : (
          <Reading read={recipe}>
            {(kept) =>
              can('quality.manage') ? <Designing key={kept.id} datasetId={id} recipe={kept} /> : <Shown recipe={kept} />
            }
          </Reading>
        )
      }
    </Reading>
  )
}

function Shown({ recipe }: { readonly recipe: Recipe }) {
  const { say } = useWords()
  const columns: Column<Recipe['says'][number]>[] = [
    { title: '', key: 'at', width: 60, align: 'right', render: (_row, at) => at + 1 },
    { title: say(RECIPE.step), key: 'step', render: (row) => say(row) },
  ]
  return (
    <>
      <PageHead title={fill(say(RECIPE.title), { name: say(recipe.datasetName) })} facts={say(recipe.departmentName)} />
      <Section title={say(RECIPE.steps)}>
        <PlainTable
          label={say(RECIPE.steps)}
          columns={columns}
          rows={recipe.says}
          rowKey={(row) => recipe.says.indexOf(row)}
        />
      </Section>
      <RecipeRuns recipeId={recipe.id} />
      <RecipeVersions recipeId={recipe.id} />
    </>
  )
}

interface Given {
  readonly datasetId: string
  readonly recipe: Recipe | null
}

function Designing(given: Given) {
  const ground = useRead(listColumns, { params: { id: given.datasetId } })
  const kinds = useRead(listStepKinds, {})
  return (
    <Reading read={ground}>
      {(columns) => (
        <Reading read={kinds}>{({ items }) => <Design {...given} ground={columns} kinds={items} />}</Reading>
      )}
    </Reading>
  )
}

function Design({ datasetId, recipe, ground, kinds }: Given & { readonly ground: Ground; readonly kinds: StepKinds }) {
  const { say } = useWords()
  const toast = useToast()
  // What somebody else keeps meanwhile is told, and takes no draft away.
  const [base, setKept] = useState(recipe)
  const kept = base?.steps ?? []
  const [steps, setSteps] = useState<readonly Step[]>(kept)
  const setBase = (made: Recipe) => {
    setKept(made)
    setSteps(made.steps)
  }
  const [open, setOpen] = useState<number | null>(null)
  const read = useRead(
    previewRecipe,
    { params: { id: datasetId }, body: { steps: [...steps] } },
    { enabled: steps.length > 0, keep: true },
  )
  const preview = steps.length > 0 ? (read.data ?? null) : null
  const isChanged = JSON.stringify(steps) !== JSON.stringify(kept)
  const withMade: Ground = {
    ...ground,
    columns: [
      ...ground.columns,
      ...(preview?.columns ?? [])
        .filter((one) => one.made)
        .map(({ column, name }) => ({ column, name, holds: 'text' })),
    ],
  }
  return (
    <>
      <PageHead
        title={fill(say(RECIPE.title), { name: say(ground.datasetName) })}
        state={isChanged && <Mark tone="warn">{say(RECIPE.unsaved)}</Mark>}
        facts={say(ground.departmentName)}
        actions={<Actions datasetId={datasetId} recipe={base} steps={steps} isChanged={isChanged} onSaved={setBase} />}
      />
      {recipe && base && recipe.version > base.version && (
        <Alert
          className="ht-error"
          type="warning"
          showIcon
          title={fill(say(RECIPE.newer), { version: recipe.version, base: base.version })}
          action={
            <Button size="small" onClick={() => setBase(recipe)}>
              {say(DESIGN.loadNewer)}
            </Button>
          }
        />
      )}
      <Section
        title={say(RECIPE.steps)}
        extra={
          <Button size="small" onClick={() => setOpen(steps.length)}>
            {say(RECIPE.add)}
          </Button>
        }
      >
        {read.error && <ErrorPanel problem={toProblem(read.error)} />}
        <Steps steps={steps} kinds={kinds} preview={preview} onEdit={setOpen} onChange={setSteps} />
      </Section>
      <RecipePreview preview={preview} busy={read.isFetching} />
      <ValueGroups
        datasetId={datasetId}
        ground={ground}
        onStep={(step) => {
          // The values are those of the source: they are brought together before other steps change them.
          setSteps([step, ...steps])
          toast.good(say(RECIPE.doneToast))
        }}
      />
      {recipe && <RecipeRuns recipeId={recipe.id} />}
      {recipe && <RecipeVersions recipeId={recipe.id} onTake={setSteps} />}
      {open !== null && (
        <StepForm
          datasetId={datasetId}
          ground={withMade}
          kinds={kinds}
          steps={steps}
          at={open}
          onClose={() => setOpen(null)}
          onDone={(made) => {
            setSteps(made)
            setOpen(null)
          }}
        />
      )}
    </>
  )
}

function Actions(
  props: Given & { readonly steps: readonly Step[]; readonly isChanged: boolean; onSaved(recipe: Recipe): void },
) {
  const { t, say } = useWords()
  const toast = useToast()
  const [create, update, start] = [useAct(createRecipe), useAct(updateRecipe), useAct(startRecipeRun)]
  const { recipe, datasetId } = props
  const steps = [...props.steps]
  const save = async () => {
    const saved = recipe
      ? update.run({ params: { id: recipe.id }, body: { steps, examples: recipe.examples } }, recipe.version)
      : create.run({ body: { datasetId, steps, examples: [] } })
    const made = await saved.catch(() => null)
    if (!made) return
    toast.good(t('action.saved'))
    props.onSaved(made)
  }
  const run = async () => {
    if (recipe && (await start.run({ params: { id: recipe.id } }).catch(() => null))) toast.good(say(RECIPE.started))
  }
  const problem = create.problem ?? update.problem ?? start.problem
  return (
    <>
      <Button disabled={!recipe || props.isChanged} loading={start.busy} onClick={() => void run()}>
        {say(RECIPE.run)}
      </Button>
      <Button
        type="primary"
        disabled={!props.isChanged || steps.length === 0}
        loading={create.busy || update.busy}
        onClick={() => void save()}
      >
        {say(RECIPE.save)}
      </Button>
      {problem && (
        <div className="ht-head-problem">
          <ErrorPanel problem={problem} />
        </div>
      )}
    </>
  )
}

function Steps(props: {
  readonly steps: readonly Step[]
  readonly kinds: StepKinds
  readonly preview: Preview | null
  onEdit(at: number): void
  onChange(steps: readonly Step[]): void
}) {
  const { t, say } = useWords()
  const { steps, preview } = props
  const words = new Map(props.kinds.map((one) => [one.kind, one.words]))
  const told = preview?.steps.length === steps.length ? preview.steps : null
  const swap = (at: number) =>
    props.onChange(steps.map((one, place) => (place === at ? steps[at + 1]! : place === at + 1 ? steps[at]! : one)))
  const columns: Column<Step>[] = [
    { title: '', key: 'at', width: 50, align: 'right', render: (_row, at) => at + 1 },
    {
      title: say(RECIPE.step),
      key: 'step',
      render: (row, at) => (
        <span className="ht-two">
          {say(words.get(row.kind) ?? { zh: row.kind })}
          {told && <small>{say(told[at]!.says)}</small>}
        </span>
      ),
    },
    {
      title: say(RECIPE.changed),
      key: 'rows',
      width: 120,
      align: 'right',
      render: (_row, at) => (told ? <Count value={told[at]!.rows} /> : '–'),
    },
    {
      title: t('action.column'),
      key: 'actions',
      width: 260,
      render: (_row, at) => (
        <span className="ht-marks">
          <Button size="small" onClick={() => props.onEdit(at)} aria-label={`${t('action.edit')} ${at + 1}`}>
            {t('action.edit')}
          </Button>
          <Button
            size="small"
            disabled={at === 0}
            onClick={() => swap(at - 1)}
            aria-label={`${say(RECIPE.up)} ${at + 1}`}
          >
            {say(RECIPE.up)}
          </Button>
          <Button
            size="small"
            danger
            onClick={() => props.onChange(steps.filter((_one, place) => place !== at))}
            aria-label={`${t('action.remove')} ${at + 1}`}
          >
            {t('action.remove')}
          </Button>
        </span>
      ),
    },
  ]
  return (
    <ListTable
      label={say(RECIPE.steps)}
      columns={columns}
      rows={steps}
      rowKey={(row) => steps.indexOf(row)}
      loading={false}
      empty={say(RECIPE.noSteps)}
    />
  )
}
