import { listDeadlineRules, listHolidays, readLegalClock, shiftLegalClock } from '@huitong/contract/standards'
import type { ReplyOf } from '@huitong/contract'
import { InputNumber } from 'antd'
import { useState } from 'react'
import { toProblem, useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { Reading } from '../../parts/reading.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { ListTable, type Column } from '../../ui/list-table.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { civilDay, dayWithWeekday, duration } from '../../ui/time.ts'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { dayRanges } from './day-ranges.ts'

type Clock = ReplyOf<typeof readLegalClock>
type Rule = ReplyOf<typeof listDeadlineRules>['items'][number]
const EVERY_MS = 30_000
const DAY_SECONDS = 86_400
const DAYS_MAX = 3_650

export default function ClockPage() {
  const { t } = useWords()
  const read = useRead(readLegalClock, {}, { everyMs: () => EVERY_MS })
  return (
    <>
      <PageHead title={t('rail.clock')} facts={t('clock.help')} />
      <Reading read={read} rows={3}>
        {(clock) => (
          <>
            <Now clock={clock} />
            <Calendar year={civilDay(clock.now).slice(0, 4)} />
          </>
        )}
      </Reading>
      <Rules />
    </>
  )
}

const NOT_DEMO = { zh: '只有演示模式可以调整', en: 'Possible in demo mode only' }

function Now({ clock }: { readonly clock: Clock }) {
  const { t, language } = useWords()
  const toast = useToast()
  const allow = useAllowance()
  const act = useAct(shiftLegalClock)
  const current = Math.floor(clock.offsetSeconds / DAY_SECONDS)
  const [days, setDays] = useState<number | null>(null)
  const allowance = clock.shiftable ? allow('clock.shift') : { allowed: false, reason: NOT_DEMO }
  const shift = (to: number) =>
    act.run({ body: { offsetSeconds: to * DAY_SECONDS } }).then(
      () => {
        setDays(null)
        return toast.good(t('clock.shifted'))
      },
      () => undefined,
    )
  return (
    <Section title={t('clock.now')}>
      <Facts
        facts={[
          { label: t('clock.legal'), value: <Moment at={clock.now} /> },
          {
            label: t('clock.offset'),
            value:
              clock.offsetSeconds === 0
                ? t('clock.none')
                : t('clock.ahead', { time: duration(clock.offsetSeconds, language) }),
          },
        ]}
      />
      <div className="ht-bar">
        <label htmlFor="clock-days">{t('clock.days')}</label>
        <InputNumber
          id="clock-days"
          min={0}
          max={DAYS_MAX}
          precision={0}
          value={days ?? current}
          disabled={!allowance.allowed}
          onChange={(value) => setDays(value)}
        />
        <ActionButton
          type="primary"
          allowance={allowance}
          loading={act.busy}
          onClick={() => void shift(days ?? current)}
        >
          {t('clock.shift')}
        </ActionButton>
      </div>
      {act.problem && <ErrorPanel problem={act.problem} />}
    </Section>
  )
}

function Calendar({ year }: { readonly year: string }) {
  const { t, language, listed } = useWords()
  const read = useRead(listHolidays, { params: { year } })
  const days = (some: readonly { day: string; name: string }[]) =>
    listed(
      dayRanges(some).map(({ from, until, name }) => {
        const first = dayWithWeekday(from, language)
        return from === until ? `${name} ${first}` : `${name} ${first} – ${dayWithWeekday(until, language)}`
      }),
    ) || '–'
  return (
    <Section title={t('clock.calendar', { year })}>
      <Reading read={read} rows={3}>
        {(calendar) => (
          <Facts
            facts={[
              {
                label: t('clock.holidays', { count: calendar.holidays.length }),
                value: days(calendar.holidays),
                wide: true,
              },
              {
                label: t('clock.makeUp', { count: calendar.makeUpDays.length }),
                value: days(calendar.makeUpDays),
                wide: true,
              },
              { label: t('clock.source'), value: calendar.source, wide: true },
            ]}
          />
        )}
      </Reading>
    </Section>
  )
}

function Rules() {
  const { t, say } = useWords()
  const read = useRead(listDeadlineRules)
  const columns: Column<Rule>[] = [
    { title: t('clock.rule'), key: 'rule', render: (rule) => say(rule.words) },
    { title: t('clock.workingDays'), key: 'workingDays', render: (row) => row.workingDays, align: 'right', width: 120 },
    { title: t('clock.extension'), key: 'extensionMax', render: (row) => row.extensionMax, align: 'right', width: 140 },
    {
      title: t('clock.longest'),
      key: 'workingDaysMax',
      render: (row) => row.workingDaysMax,
      align: 'right',
      width: 140,
    },
    { title: t('clock.basis'), key: 'source', render: (rule) => <span className="ht-wrap">{rule.source}</span> },
  ]
  return (
    <Section title={t('clock.rules')}>
      <ListTable
        label={t('clock.rules')}
        columns={columns}
        rows={read.data?.items}
        rowKey={(rule) => rule.code}
        loading={read.isPending}
        problem={read.error ? toProblem(read.error) : null}
        onRetry={() => void read.refetch()}
        empty={t('clock.noRules')}
      />
    </Section>
  )
}
