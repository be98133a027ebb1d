import type { ReplyOf } from '@huitong/contract'
import { setLibrary, type readLibrary } from '@huitong/contract/centre'
import { Form, Select } from 'antd'
import { useAct } from '../../api.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'

type Made = ReplyOf<typeof readLibrary>
type Values = Record<string, string | undefined>

/** Chooses, for each landed table, the item that holds the number; a table without one takes no part. */
export function LibraryParts({ made, onClose }: { readonly made: Made; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const act = useAct(setLibrary)
  const initial = Object.fromEntries(made.parts.map((part) => [part.channelId, part.keyItem]))
  const send = async (values: Values) => {
    const parts = made.candidates.flatMap(({ channelId }) => {
      const keyItem = values[channelId]
      return keyItem ? [{ channelId, keyItem }] : []
    })
    const done = await act.run({ params: { library: made.library }, body: { parts } }).catch(() => null)
    if (!done) return
    toast.good(t('library.saved'))
    onClose()
  }
  return (
    <SideForm<Values>
      open
      title={t('library.set')}
      submitLabel={t('action.save')}
      busy={act.busy}
      problem={act.problem}
      initialValues={initial}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <p>{t('library.keyItem')}</p>
      {made.candidates.length === 0 && <p className="ht-quiet">{t('asset.none')}</p>}
      {made.candidates.map((one) => (
        <Form.Item
          key={one.channelId}
          name={one.channelId}
          label={`${say(one.datasetName)} · ${say(one.providerDepartmentName)}`}
        >
          <Select
            allowClear
            placeholder="–"
            options={one.items.map((item) => ({ value: item.code, label: `${say(item.name)} (${item.code})` }))}
          />
        </Form.Item>
      ))}
    </SideForm>
  )
}
