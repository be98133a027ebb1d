import type { ReplyOf } from '@huitong/contract'
import { readFrontMarks, setFrontPolicy } from '@huitong/contract/exchange'
import { Alert, Button, Checkbox, Form, InputNumber, Space } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { Count, Moment } from '../../ui/marks.tsx'
import { Facts, Section } from '../../ui/page-head.tsx'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { fill, useWords } from '../../words/index.ts'
import { FRONT_MARKS } from './front-marks-words.ts'

type Front = NonNullable<ReplyOf<typeof readFrontMarks>['front']>

/** What was taken from the push table of a dataset, what was cleaned, and the policy; nothing where it has no exchange mark. */
export function FrontMarks({ datasetId }: { readonly datasetId: string }) {
  const read = useRead(readFrontMarks, { params: { id: datasetId } }, { everyMs: () => 15_000 })
  return <Reading read={read}>{({ front }) => front && <Marks datasetId={datasetId} front={front} />}</Reading>
}

function Marks({ datasetId, front }: { readonly datasetId: string; readonly front: Front }) {
  const { say } = useWords()
  const [setting, setSetting] = useState(false)
  const { inTable, cleanAfterDays: days } = front
  const moment = (at: string | null) => at && <Moment at={at} />
  return (
    <Section
      title={say(FRONT_MARKS.title)}
      extra={<Button onClick={() => setSetting(true)}>{say(FRONT_MARKS.set)}</Button>}
    >
      <p className="ht-quiet">{say(FRONT_MARKS.help)}</p>
      {front.problem && (
        <Alert
          type="error"
          showIcon
          title={say(FRONT_MARKS.problem)}
          description={
            <>
              {say(front.problem.message)} <Moment at={front.problem.at} />
            </>
          }
        />
      )}
      <Facts
        facts={[
          { label: say(FRONT_MARKS.marked), value: <Count value={inTable?.marked} /> },
          { label: say(FRONT_MARKS.unmarked), value: <Count value={inTable?.unmarked} /> },
          { label: say(FRONT_MARKS.oldest), value: moment(inTable?.oldest ?? null) },
          { label: say(FRONT_MARKS.cleaned), value: <Count value={front.cleaned} /> },
          { label: say(FRONT_MARKS.lastMarked), value: moment(front.markedAt) },
          { label: say(FRONT_MARKS.lastCleaned), value: moment(front.cleanedAt) },
          { label: say(FRONT_MARKS.looked), value: moment(front.lookedAt) },
          {
            label: say(FRONT_MARKS.policy),
            value: days === null ? say(FRONT_MARKS.never) : fill(say(FRONT_MARKS.after), { days }),
          },
          { label: say(FRONT_MARKS.field), value: <code>{front.mark}</code> },
          { label: say(FRONT_MARKS.tasks), value: <Tasks of={front.tasks} />, wide: true },
        ]}
      />
      {setting && <PolicyForm datasetId={datasetId} front={front} onClose={() => setSetting(false)} />}
    </Section>
  )
}

function Tasks({ of: tasks }: { readonly of: Front['tasks'] }) {
  const { say } = useWords()
  if (tasks.length === 0) return say(FRONT_MARKS.noTasks)
  return (
    <Space wrap size="middle">
      {tasks.map(({ id, number, state }) => (
        <span key={id}>
          <Link to={paths.channel(id)}>{number}</Link> <State list="channelState" value={state} />
        </span>
      ))}
    </Space>
  )
}

interface Values {
  clean: boolean
  days: number | null
}

function PolicyForm(props: { readonly datasetId: string; readonly front: Front; onClose(): void }) {
  const { front, onClose } = props
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(setFrontPolicy)
  const [form] = Form.useForm<Values>()
  const clean = Form.useWatch('clean', form) ?? front.cleanAfterDays !== null
  const send = async (values: Values) => {
    try {
      const body = { cleanAfterDays: values.clean ? values.days : null }
      await act.run({ params: { id: props.datasetId }, body }, front.version)
      toast.good(t('action.done'))
      onClose()
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <SideForm<Values>
      open
      form={form}
      title={say(FRONT_MARKS.set)}
      submitLabel={t('action.confirm')}
      busy={act.busy}
      problem={act.problem}
      initialValues={{ clean: front.cleanAfterDays !== null, days: front.cleanAfterDays ?? 30 }}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{say(front.cleanable ? FRONT_MARKS.cleanHelp : FRONT_MARKS.notCleanable)}</p>
      <Form.Item name="clean" valuePropName="checked">
        <Checkbox disabled={!front.cleanable}>{say(FRONT_MARKS.clean)}</Checkbox>
      </Form.Item>
      {clean && (
        <Form.Item
          name="days"
          label={say(FRONT_MARKS.days)}
          rules={[{ required: true, message: say(FRONT_MARKS.days) }]}
        >
          <InputNumber min={1} max={3650} precision={0} />
        </Form.Item>
      )}
    </SideForm>
  )
}
