import { exportReport } from '@huitong/contract/operations'
import { spreadsheetText } from '@huitong/contract/spreadsheet'
import { bytes, query } from '../../kernel/verb.ts'
import { makeReport, periodOf } from './report.ts'

const HEADER = {
  zh: ['部门', '指标', '数值', '单位', '分子', '分母', '口径', '统计期起', '统计期止', '截止时点'],
  en: ['Department', 'Indicator', 'Value', 'Unit', 'Part', 'Whole', 'Definition', 'From', 'Until', 'Cut-off'],
} as const
const TOTAL = { zh: '合计', en: 'Total' } as const

/** The report as CSV: one figure a line with its definition, unit and cut-off. UTF-8 with its mark, for spreadsheets. */
export const exportReportVerb = query<typeof exportReport>({
  endpoint: exportReport,
  audit: (input) => ({
    objectKind: 'report',
    objectId: `${input.query.from ?? ''}/${input.query.until ?? ''}`,
  }),
  async run({ db, actor, now }, input) {
    const language = input.query.language ?? 'zh'
    const report = await makeReport(db, actor, periodOf(input.query, now))
    const groups = [
      ...report.departments.map(({ name, figures }) => ({ name: name[language] ?? name.zh, figures })),
      { name: TOTAL[language], figures: report.total },
    ]
    const lines = groups.flatMap(({ name, figures }) =>
      report.indicators.map((one) => {
        const { value, part = '', whole = '' } = figures[one.name]!
        const period = [report.from, report.until, report.cutOff]
        return [
          name,
          one.words[language],
          value ?? '',
          one.unit[language],
          part,
          whole,
          one.definition[language],
          ...period,
        ]
      }),
    )
    const text = [HEADER[language], ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('')
    return bytes({
      contentType: 'text/csv; charset=utf-8',
      body: Buffer.from(`\ufeff${text}`),
      fileName: `report-${report.from}-${report.until}.csv`,
    })
  },
})

/** A cell of CSV that a spreadsheet takes for text, whatever it begins with. */
function cell(text: string): string {
  const safe = spreadsheetText(text)
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
