import type { ReplyOf } from '@huitong/contract'
import { listUploads, removeUpload } from '@huitong/contract/nodes'
import { Popconfirm, Progress } from 'antd'
import { useRef } from 'react'
import { Link, useParams } from 'react-router'
import { toProblem, useAct, useRead } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { paths } from '../../paths.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { PlainTable, type Column } from '../../ui/list-table.tsx'
import { Bytes, Mark, Moment, type Tone } from '../../ui/marks.tsx'
import { PageHead, Section } from '../../ui/page-head.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useWords } from '../../words/index.ts'
import { UPLOADS } from './uploads-words.ts'
import { type Sending, useUploads } from './use-uploads.ts'

type Row = ReplyOf<typeof listUploads>['items'][number]
const EVERY_MS = 5_000
const TONES: Record<Row['state'], Tone> = {
  receiving: 'busy',
  kept: 'good',
  replaced: 'idle',
  removed: 'idle',
  refused: 'bad',
  abandoned: 'warn',
}

export default function UploadsPage() {
  const { id = '' } = useParams()
  const { t, say } = useWords()
  const allow = useAllowance()
  const read = useRead(listUploads, { params: { id } }, { everyMs: () => EVERY_MS })
  const uploads = useUploads(id, () => void read.refetch())
  const input = useRef<HTMLInputElement>(null)
  const allowance = allow('source.upload')
  const sendingColumns = useSendingColumns(uploads)
  const columns = useColumns(() => void read.refetch())
  return (
    <>
      <PageHead
        title={say(UPLOADS.title)}
        facts={<Link to={paths.sources()}>{t('rail.sources')}</Link>}
        actions={
          <ActionButton type="primary" allowance={allowance} onClick={() => input.current?.click()}>
            {say(UPLOADS.choose)}
          </ActionButton>
        }
      />
      <p className="ht-quiet">{say(UPLOADS.help)}</p>
      {read.data && (
        <p className="ht-quiet">
          {say(UPLOADS.room)} <Bytes value={read.data.usedBytes} /> / <Bytes value={read.data.bytesMax} />
        </p>
      )}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={say(UPLOADS.choose)}
        onChange={({ target }) => {
          uploads.add([...(target.files ?? [])])
          // The same file may be chosen again.
          target.value = ''
        }}
      />
      {uploads.sending.length > 0 && (
        <Section title={say(UPLOADS.now)}>
          <PlainTable
            label={say(UPLOADS.now)}
            columns={sendingColumns}
            rows={uploads.sending}
            rowKey={(row) => row.key}
          />
        </Section>
      )}
      {read.error ? (
        <ErrorPanel problem={toProblem(read.error)} onRetry={() => void read.refetch()} />
      ) : (
        <PlainTable
          label={say(UPLOADS.title)}
          columns={columns}
          rows={read.data?.items ?? []}
          rowKey={(row) => row.id}
          empty={say(UPLOADS.none)}
        />
      )}
    </>
  )
}

function useSendingColumns({ resume, cancel }: ReturnType<typeof useUploads>): Column<Sending>[] {
  const { t, say } = useWords()
  const allow = useAllowance()
  return [
    { title: say(UPLOADS.file), key: 'name', render: (row) => row.name },
    {
      title: say(UPLOADS.size),
      key: 'bytes',
      align: 'right',
      width: 110,
      render: (row) => <Bytes value={row.bytes} />,
    },
    { title: say(UPLOADS.state), key: 'state', width: 320, render: (row) => <Sent row={row} /> },
    {
      title: t('action.column'),
      key: 'actions',
      width: 150,
      render: (row) => (
        <span className="ht-marks">
          {row.state === 'failed' && (
            <ActionButton
              size="small"
              allowance={allow('source.upload')}
              aria-label={`${say(UPLOADS.resume)} ${row.name}`}
              onClick={() => resume(row.key)}
            >
              {say(UPLOADS.resume)}
            </ActionButton>
          )}
          {row.state !== 'whole' && (
            <button
              type="button"
              className="ht-link"
              aria-label={`${say(UPLOADS.cancel)} ${row.name}`}
              onClick={() => cancel(row.key)}
            >
              {say(UPLOADS.cancel)}
            </button>
          )}
        </span>
      ),
    },
  ]
}

const STATUS = { digesting: 'normal', sending: 'active', whole: 'success', failed: 'exception' } as const

function Sent({ row }: { readonly row: Sending }) {
  const { say } = useWords()
  const percent = row.bytes === 0 ? 100 : Math.floor((row.done / row.bytes) * 100)
  return (
    <span className="ht-two">
      <Progress percent={percent} status={STATUS[row.state]} size="small" aria-label={row.name} />
      <small role="status">{say(row.problem ?? UPLOADS[row.state])}</small>
    </span>
  )
}

function useColumns(changed: () => void): Column<Row>[] {
  const { t, say } = useWords()
  return [
    {
      title: say(UPLOADS.file),
      key: 'name',
      render: (row) => (
        <span className="ht-two">
          {row.fileName}
          {row.digest && (
            <small className="ht-code">
              {row.digest.slice(0, 16)} · {say(row.checked ? UPLOADS.checked : UPLOADS.notChecked)}
            </small>
          )}
        </span>
      ),
    },
    {
      title: say(UPLOADS.size),
      key: 'bytes',
      align: 'right',
      width: 110,
      render: (row) => <Bytes value={row.bytes} />,
    },
    {
      title: say(UPLOADS.state),
      key: 'state',
      width: 190,
      render: (row) => (
        <span className="ht-two">
          <Mark tone={TONES[row.state]}>{say(UPLOADS[row.state])}</Mark>
          {row.state === 'receiving' && <Bytes value={row.received} />}
        </span>
      ),
    },
    { title: say(UPLOADS.of), key: 'by', width: 130, render: (row) => row.uploadedBy },
    { title: say(UPLOADS.time), key: 'at', width: 190, render: (row) => <Moment at={row.endedAt ?? row.createdAt} /> },
    {
      title: t('action.column'),
      key: 'actions',
      width: 100,
      render: (row) => (row.state === 'kept' || row.state === 'receiving') && <Remove row={row} onRemoved={changed} />,
    },
  ]
}

function Remove({ row, onRemoved }: { readonly row: Row; onRemoved(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const allow = useAllowance()
  const act = useAct(removeUpload)
  const remove = async () => {
    try {
      await act.run({ params: { id: row.id } })
      toast.good(t('action.done'))
      onRemoved()
    } catch (error) {
      toast.bad(say(toProblem(error).message))
    }
  }
  return (
    <Popconfirm
      title={say(UPLOADS.removeAsk)}
      okText={say(UPLOADS.remove)}
      cancelText={say(UPLOADS.cancel)}
      onConfirm={() => void remove()}
    >
      <ActionButton
        size="small"
        allowance={allow('source.upload')}
        loading={act.busy}
        aria-label={`${say(UPLOADS.remove)} ${row.fileName}`}
      >
        {say(UPLOADS.remove)}
      </ActionButton>
    </Popconfirm>
  )
}
