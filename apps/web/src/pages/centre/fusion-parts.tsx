import type { ReplyOf } from '@huitong/contract'
import type { readFusionRun, readReview } from '@huitong/contract/fusion'
import { Button, Checkbox, Form, Input } from 'antd'
import { Mark, type Tone } from '../../ui/marks.tsx'
import { useWords } from '../../words/index.ts'
import { FUSION, stageWord, stateWord } from './fusion-words.ts'

const TONES: Readonly<Record<string, Tone>> = {
  queued: 'wait',
  running: 'busy',
  stopping: 'busy',
  stopped: 'idle',
  done: 'good',
  failed: 'bad',
}

/** The state of a fusion, and where its work is. */
export function RunState({ run }: { readonly run: ReplyOf<typeof readFusionRun> }) {
  const { say } = useWords()
  const { progress } = run
  const where =
    progress === null
      ? ''
      : ` · ${say(stageWord(progress.stage))}${progress.of > 1 ? ` ${progress.at + 1}/${progress.of}` : ''}`
  return (
    <Mark tone={TONES[run.state] ?? 'idle'}>
      {say(stateWord(run.state))}
      {where}
    </Mark>
  )
}

type Value = ReplyOf<typeof readReview>['items'][number]['one']['values'][number]

/** A value as the reader may see it. */
export function Shown({ value }: { readonly value: Value | undefined }) {
  const { t, say } = useWords()
  // A mask may leave nothing of a value: that is another thing than a value that is not there.
  if (value?.masked && value.value === null) return <span className="ht-quiet">{t('library.masked')}</span>
  if (value?.hidden) return <span className="ht-quiet">{say(FUSION.hidden)}</span>
  return <>{value?.value ?? '–'}</>
}

/** How values are read: masked, or in full for a stated purpose. */
export interface Wish {
  readonly full?: boolean
  readonly purpose?: string
}

/** Asks for full values; the purpose goes into the audit. */
export function FullValues({ onWish }: { onWish(wish: Wish): void }) {
  const { t, say } = useWords()
  const [form] = Form.useForm<{ full?: boolean; purpose?: string }>()
  const full = Form.useWatch('full', form) === true
  return (
    <Form
      form={form}
      layout="inline"
      autoComplete="off"
      className="ht-filters"
      onFinish={({ purpose }) => onWish(full ? { full, purpose: purpose ?? '' } : {})}
    >
      <Form.Item name="full" valuePropName="checked">
        <Checkbox onChange={(event) => !event.target.checked && onWish({})}>{say(FUSION.full)}</Checkbox>
      </Form.Item>
      {full && (
        <>
          <Form.Item
            name="purpose"
            label={say(FUSION.purpose)}
            extra={say(FUSION.purposeHelp)}
            rules={[
              { required: true, whitespace: true, min: 4, message: t('form.needed', { label: say(FUSION.purpose) }) },
            ]}
          >
            <Input maxLength={200} />
          </Form.Item>
          <Button htmlType="submit">{say(FUSION.show)}</Button>
        </>
      )}
    </Form>
  )
}
