import { readDataset, readRequest, supplementRequest, type RequestContent } from '@huitong/contract/catalogue'
import type { ReplyOf } from '@huitong/contract'
import { useNavigate, useParams } from 'react-router'
import { useAct, useRead } from '../../api.ts'
import { Reading } from '../../parts/reading.tsx'
import { paths } from '../../paths.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { RequestWizard, valuesOf } from './request-wizard.tsx'

type Request = ReplyOf<typeof readRequest>

export default function RequestEditPage() {
  const { id = '' } = useParams()
  const read = useRead(readRequest, { params: { id } })
  return <Reading read={read}>{(request) => <Supplement request={request} />}</Reading>
}

/** A returned request is completed; it goes on where it was returned, or at the head's signature when more than the explanation changed. */
function Supplement({ request }: { readonly request: Request }) {
  const { t, say } = useWords()
  const toast = useToast()
  const navigate = useNavigate()
  const dataset = useRead(readDataset, { params: { id: request.datasetId }, query: { version: 'live' } })
  const act = useAct(supplementRequest)
  const returned = request.steps.find((step) => step.state === 'returned')
  const send = async (content: RequestContent) => {
    try {
      await act.run({ params: { id: request.id }, body: content }, request.version)
      toast.good(t('request.supplemented'))
      void navigate(paths.request(request.id))
    } catch {
      // Shown in the summary.
    }
  }
  return (
    <>
      <PageHead
        title={t('request.supplementFor', { name: say(request.datasetName) })}
        code={request.number}
        facts={say(request.providerDepartmentName)}
      />
      {returned?.reason && (
        <p className="ht-opinion">
          {t('request.returnedBecause')} {returned.reason}
        </p>
      )}
      <Reading read={dataset}>
        {(found) => (
          <RequestWizard
            dataset={found}
            initial={valuesOf(request.content)}
            busy={act.busy}
            problem={act.problem}
            submitLabel={t('request.supplement')}
            onSubmit={(content) => void send(content)}
          />
        )}
      </Reading>
    </>
  )
}
