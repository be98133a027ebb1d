import type { ReplyOf } from '@huitong/contract'
import { lookUp, readLibrary } from '@huitong/contract/centre'
import { Button, Checkbox, Form, Input, Radio } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { toProblem, useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { useFilter } from '../../parts/query-table.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { PageHead, Section } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import { FUSION } from './fusion-words.ts'
import { LibraryParts } from './library-parts.tsx'

type Answer = ReplyOf<typeof lookUp>
const LIBRARIES = ['person', 'firm'] as const

/** One person or one firm across the landed tables, masked until a purpose is stated. */
export default function LibraryPage() {
  const { t, say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [asked, setLibrary] = useFilter('library')
  const library = LIBRARIES.find((one) => one === asked) ?? 'person'
  const [setting, setSetting] = useState(false)
  const made = useRead(readLibrary, { params: { library } })
  return (
    <>
      <PageHead
        title={t('rail.library')}
        facts={t('library.help')}
        actions={
          can('library.manage') && (
            <ActionButton allowance={allow('library.manage')} onClick={() => setSetting(true)}>
              {t('library.set')}
            </ActionButton>
          )
        }
      />
      <div className="ht-filters" role="group" aria-label={t('filter.label')}>
        <Radio.Group
          value={library}
          onChange={(event) => setLibrary(event.target.value as string)}
          aria-label={t('library.kind')}
          optionType="button"
          options={LIBRARIES.map((value) => ({ value, label: t(`library.${value}`) }))}
        />
        <Link to={paths.fusion(library)}>{say(FUSION.title)}</Link>
      </div>
      <LookUp key={library} library={library} />
      {made.error && <ErrorPanel problem={toProblem(made.error)} onRetry={() => void made.refetch()} />}
      {made.data?.parts.length === 0 && <p className="ht-quiet">{t('library.partsNone')}</p>}
      {setting && made.data && <LibraryParts made={made.data} onClose={() => setSetting(false)} />}
    </>
  )
}

interface Values {
  number: string
  full?: boolean
  purpose?: string
}

function LookUp({ library }: { readonly library: (typeof LIBRARIES)[number] }) {
  const { t } = useWords()
  const act = useAct(lookUp)
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [form] = Form.useForm<Values>()
  const full = Form.useWatch('full', form)
  const send = async ({ number, purpose }: Values) => {
    const body = { number: number.trim(), ...(full ? { full: true, purpose: purpose ?? '' } : {}) }
    setAnswer(await act.run({ params: { library }, body }).catch(() => null))
  }
  return (
    <>
      <Form<Values>
        form={form}
        layout="vertical"
        autoComplete="off"
        className="ht-try"
        onFinish={(values) => void send(values)}
      >
        <Form.Item
          name="number"
          label={t(`library.number.${library}`)}
          rules={[{ required: true, pattern: /^\s*[0-9A-Za-z]{8,32}\s*$/, message: t('library.format') }]}
        >
          <Input maxLength={40} spellCheck={false} autoComplete="off" />
        </Form.Item>
        <Form.Item name="full" valuePropName="checked">
          <Checkbox>{t('library.full')}</Checkbox>
        </Form.Item>
        {full && (
          <Form.Item
            name="purpose"
            label={t('library.purpose')}
            extra={t('library.purposeHelp')}
            rules={[
              { required: true, whitespace: true, min: 4, message: t('form.needed', { label: t('library.purpose') }) },
            ]}
          >
            <Input maxLength={200} />
          </Form.Item>
        )}
        <Form.Item>
          <Button type="primary" htmlType="submit" loading={act.busy}>
            {t('library.find')}
          </Button>
        </Form.Item>
      </Form>
      {act.problem && <ErrorPanel problem={act.problem} />}
      <div role="status">
        {answer?.parts.map((part) => (
          <Part key={part.channelId} part={part} />
        ))}
      </div>
    </>
  )
}

type PartOf = Answer['parts'][number]

function Part({ part }: { readonly part: PartOf }) {
  const { t, say } = useWords()
  const rows = part.rows.map((values, index) => ({ values, index }))
  const columns: Column<(typeof rows)[number]>[] = part.items.map((item, at) => ({
    key: item.code,
    title: item.masked ? (
      <span className="ht-two">
        {say(item.name)}
        <small>{t('library.masked')}</small>
      </span>
    ) : (
      say(item.name)
    ),
    render: (row) => row.values[at] ?? '–',
  }))
  return (
    <Section
      title={`${say(part.datasetName)} · ${say(part.providerDepartmentName)}`}
      extra={<Moment at={part.landedAt} />}
    >
      {part.refused ? (
        <p className="ht-quiet">{t('library.refusedPart')}</p>
      ) : (
        <PlainTable
          label={say(part.datasetName)}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.index}
          empty={t('library.nothing')}
        />
      )}
      {part.more && <p className="ht-quiet">{t('library.more')}</p>}
    </Section>
  )
}
