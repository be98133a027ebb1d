import { exportProof, readEvidence, readLedgerKey } from '@huitong/contract/evidence'
import type { ReplyOf } from '@huitong/contract'
import { Button } from 'antd'
import { Link, useParams } from 'react-router'
import { client, toProblem, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { Reading } from '../../parts/reading.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { Count, Mark, Moment } from '../../ui/marks.tsx'
import { Facts, PageHead, Section } from '../../ui/page-head.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'

import { actorOf, kindOf } from './entries.ts'

type Evidence = ReplyOf<typeof readEvidence>

export default function EntryPage() {
  const { index = '' } = useParams()
  const read = useRead(readEvidence, { params: { index } })
  return <Reading read={read}>{(evidence) => <Shown index={index} evidence={evidence} />}</Reading>
}

function Shown({ index, evidence }: { readonly index: string; readonly evidence: Evidence }) {
  const { t, say } = useWords()
  const toast = useToast()
  const allow = useAllowance()
  const { entry } = evidence
  const save = async () => {
    try {
      const proof = await client.call(exportProof, { params: { index } })
      saveFile(`huitong-proof-${index}.json`, JSON.stringify(proof, null, 2), 'application/json')
    } catch (error) {
      toast.bad(say(toProblem(error).message))
    }
  }
  return (
    <>
      <PageHead
        title={entry.words.zh === entry.action ? t('evidence.byPlatform') : say(entry.words)}
        code={t('evidence.number', { index })}
        state={
          <Mark tone={evidence.intact ? 'good' : 'bad'}>
            {t(evidence.intact ? 'evidence.intact' : 'evidence.altered')}
          </Mark>
        }
        facts={<Moment at={entry.at} form="seconds" />}
        actions={
          <>
            <ActionButton type="primary" allowance={allow('evidence.export')} onClick={() => void save()}>
              {t('evidence.export')}
            </ActionButton>
            <Button onClick={() => print()}>{t('action.print')}</Button>
          </>
        }
      />
      <Section title={t('evidence.entry')}>
        <EntryFacts evidence={evidence} />
      </Section>
      <Section title={t('evidence.payload')}>
        <p className="ht-quiet">{t('evidence.payloadHelp')}</p>
        <pre className="ht-pre" tabIndex={0}>
          {JSON.stringify(evidence.payload, null, 2)}
        </pre>
      </Section>
      <Verify index={index} />
    </>
  )
}

function EntryFacts({ evidence }: { readonly evidence: Evidence }) {
  const { t, say } = useWords()
  const { entry } = evidence
  const object = entry.objectKind && entry.objectId
  return (
    <Facts
      facts={[
        { label: t('evidence.index'), value: <Count value={entry.index} /> },
        { label: t('evidence.heightNow'), value: <Count value={evidence.treeSize} /> },
        { label: t('evidence.actor'), value: actorOf(entry, t) },
        { label: t('evidence.outcome'), value: <State list="outcome" value={entry.outcome} /> },
        { label: t('evidence.action'), value: <code>{entry.action}</code> },
        {
          label: t('evidence.object'),
          value: object ? (
            <Link to={paths.evidence({ objectKind: entry.objectKind ?? '', objectId: entry.objectId ?? '' })}>
              {kindOf(entry.objectKind, say)} <code>{entry.objectId}</code>
            </Link>
          ) : (
            '–'
          ),
        },
        {
          label: t('evidence.commitment'),
          value: <code className="ht-wrap">{entry.commitment ?? '–'}</code>,
          wide: true,
        },
        { label: t('evidence.leafHash'), value: <code className="ht-wrap">{evidence.leafHash}</code>, wide: true },
        {
          label: t('evidence.checkpoint'),
          value: evidence.checkpoint ? (
            <pre className="ht-pre" tabIndex={0}>
              {evidence.checkpoint}
            </pre>
          ) : (
            <Mark tone="wait">{t('evidence.pending')}</Mark>
          ),
          wide: true,
        },
      ]}
    />
  )
}

/** How to check the proof without this platform. */
function Verify({ index }: { readonly index: string }) {
  const { t } = useWords()
  const key = useRead(readLedgerKey)
  return (
    <Section title={t('verify.title')}>
      <ol className="ht-prose">
        <li>{t('verify.first')}</li>
        <li>
          {t('verify.second')}
          <pre className="ht-pre" tabIndex={0}>
            {`huitong verify huitong-proof-${index}.json --key '${key.data?.verifierKey ?? '…'}'`}
          </pre>
        </li>
        <li>
          {t('verify.third')}
          <pre className="ht-pre" tabIndex={0}>
            {key.data?.verifierKey ?? '…'}
          </pre>
        </li>
      </ol>
    </Section>
  )
}
