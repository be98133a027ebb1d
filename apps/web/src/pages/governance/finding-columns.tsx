import type { listFindings } from '@huitong/contract/governance'
import type { RowOf } from '../../parts/query-table.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { CHECKS } from './check-words.ts'

type Finding = RowOf<typeof listFindings>
interface NamedRule {
  readonly code: string
  readonly name: { zh: string; en?: string }
}

/** Columns of failing rows: key, broken rules by name, and values where they may be seen. */
export function useFindingColumns(rules: readonly NamedRule[], key: readonly string[] | null): Column<Finding>[] {
  const { t, say } = useWords()
  const names = new Map(rules.map((one) => [one.code, say(one.name)]))
  return [
    {
      title: t('run.key', { items: (key ?? []).join(', ') }),
      key: 'key',
      width: 200,
      render: (row) => <span className="ht-code">{row.key.join(' / ')}</span>,
    },
    {
      title: say(CHECKS['run.breaks']),
      key: 'rules',
      width: 320,
      render: (row) => row.rules.map((one) => names.get(one) ?? one).join('、'),
    },
    {
      title: say(CHECKS['run.values']),
      key: 'values',
      render: (row) =>
        row.values.length === 0 ? (
          <span className="ht-quiet">{say(CHECKS['run.hidden'])}</span>
        ) : (
          row.values.map((one) => `${one.item}=${one.value ?? 'NULL'}`).join('  ')
        ),
    },
  ]
}
