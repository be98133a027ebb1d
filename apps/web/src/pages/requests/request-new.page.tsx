import { createRequest, readDataset, type RequestContent } from '@huitong/contract/catalogue'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { civilDay } from '../../ui/time.ts'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import type { Dataset } from '../catalogue/dataset.page.tsx'
import { useSession } from '../../session.tsx'
import { RequestWizard, type RequestValues } from './request-wizard.tsx'

export default function RequestNewPage() {
  const { t } = useWords()
  const [search] = useSearchParams()
  const id = search.get('dataset')
  const read = useRead(readDataset, { params: { id: id ?? '' }, query: { version: 'live' } }, { enabled: id !== null })
  if (id === null)
    return (
      <>
        <PageHead title={t('request.new')} />
        <p className="ht-empty">
          {t('request.pickFirst')} <Link to={paths.search()}>{t('rail.catalogue')}</Link>
        </p>
      </>
    )
  return <Reading read={read}>{(dataset) => <New dataset={dataset} />}</Reading>
}

const draftKey = (datasetId: string, personId: string) => `huitong.request.${personId}.${datasetId}`

function readDraft(key: string): RequestValues | null {
  try {
    const text = localStorage.getItem(key)
    return text ? (JSON.parse(text) as RequestValues) : null
  } catch {
    return null
  }
}
function writeDraft(key: string, values: RequestValues | null): void {
  try {
    if (values) localStorage.setItem(key, JSON.stringify({ ...values, declared: false }))
    else localStorage.removeItem(key)
  } catch {
    // A browser without storage keeps no draft; the form itself still works.
  }
}

function New({ dataset }: { readonly dataset: Dataset }) {
  const { t, say } = useWords()
  const toast = useToast()
  const navigate = useNavigate()
  const { person, legalTime } = useSession()
  const act = useAct(createRequest)
  const key = draftKey(dataset.id, person.id)
  const shareable = (dataset.content.items ?? [])
    .filter((item) => (item.shareAttribute ?? dataset.content.shareAttribute) !== 'refused')
    .map((item) => item.code)
  const methods = dataset.content.shareMethods ?? []
  const initial: RequestValues = {
    items: shareable,
    from: civilDay(legalTime),
    ...(methods.length === 1 ? { method: methods[0]! } : {}),
    ...readDraft(key),
  }
  const send = async (content: RequestContent) => {
    try {
      const request = await act.run({ body: content })
      writeDraft(key, null)
      toast.good(t('request.sent', { number: request.number }))
      void navigate(paths.request(request.id))
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <>
      <PageHead
        title={t('request.newFor', { name: say(dataset.name) })}
        code={dataset.officialCode ?? dataset.code}
        state={<State list="shareAttribute" value={dataset.shareAttribute} />}
        facts={`${say(dataset.departmentName)} · ${t('request.draftKept')}`}
      />
      <RequestWizard
        dataset={dataset}
        initial={initial}
        busy={act.busy}
        problem={act.problem}
        submitLabel={t('request.send')}
        onValues={(values) => writeDraft(key, values)}
        onSubmit={(content) => void send(content)}
      />
    </>
  )
}
