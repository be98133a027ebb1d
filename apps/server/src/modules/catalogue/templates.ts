import { readTemplate, setTemplate, type RequestStep } from '@huitong/contract/catalogue'
import { sql } from 'kysely'
import type { Reader, Writer } from '../../kernel/db.ts'
import { place, refuse } from '../../kernel/errors.ts'
import { command, query } from '../../kernel/verb.ts'
import { INITIAL_TEMPLATES, STEP_ORDER, STEPS } from './request-steps.ts'

async function templateView(db: Reader, jurisdiction: string, attribute: string) {
  const row = await db.one<{ steps: RequestStep[]; version: number }>(
    sql`select steps, version from request_template where jurisdiction = ${jurisdiction} and attribute = ${attribute}`,
  )
  const steps = row.steps.map((step) => ({ step, words: STEPS[step].words, legal: STEPS[step].legal !== null }))
  return { attribute, steps, version: row.version }
}

/** The chain of signatures of a share attribute. */
export const readTemplateVerb = query<typeof readTemplate>({
  endpoint: readTemplate,
  audit: null,
  run: ({ db, actor }, { params }) => templateView(db, actor.jurisdiction, params.attribute),
})

/** Sets the chain; the regulation's own steps cannot be left out, and the order is that of the regulation. */
export const setTemplateVerb = command<typeof setTemplate>({
  endpoint: setTemplate,
  audit: ({ params, body }) => ({
    objectKind: 'request_template',
    objectId: params.attribute,
    detail: { steps: body.steps },
  }),
  async run({ db, actor }, { params, body, match }) {
    const lacking = STEP_ORDER.filter((step) => STEPS[step].legal !== null && !body.steps.includes(step))
    if (lacking.length > 0)
      refuse('request.step_required', {
        places: lacking.map((step) =>
          place('/steps', `缺少“${STEPS[step].words.zh}”（${STEPS[step].legal ?? ''}）`, `lacks ${step}`),
        ),
      })
    const steps = STEP_ORDER.filter((step) => body.steps.includes(step))
    const changed = await db.run(sql`update request_template set steps = ${steps}::text[], version = version + 1
      where jurisdiction = ${actor.jurisdiction} and attribute = ${params.attribute} and version = ${match}`)
    if (changed === 0) refuse('object.changed')
    return templateView(db, actor.jurisdiction, params.attribute)
  },
})

/** Writes the initial templates for a jurisdiction that has none yet. */
export async function seedTemplates(db: Writer, jurisdiction: string): Promise<void> {
  for (const [attribute, steps] of Object.entries(INITIAL_TEMPLATES))
    await db.run(sql`insert into request_template (jurisdiction, attribute, steps) values (${jurisdiction}, ${attribute}, ${[...steps]}::text[])
      on conflict do nothing`)
}
