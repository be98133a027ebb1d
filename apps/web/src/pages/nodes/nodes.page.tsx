import { createNode, listNodes } from '@huitong/contract/nodes'
import type { ReplyOf } from '@huitong/contract'
import { Alert, Button, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAct } from '../../api.ts'
import { useAllowance } from '../../parts/allowance.ts'
import { QueryTable, type RowOf } from '../../parts/query-table.tsx'
import { DepartmentSelect } from '../../parts/selects.tsx'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { Moment } from '../../ui/marks.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { copyText } from '../../ui/save-file.ts'
import { SideForm } from '../../ui/side-form.tsx'
import { useToast } from '../../ui/toast.tsx'
import type { Column } from '../../ui/list-table.tsx'
import { useWords } from '../../words/index.ts'
import { NODE } from './node-words.ts'
import { CROSSING } from './crossing-words.ts'
import { CrossingCell, type Link as NodeLink } from './crossing.tsx'

type Created = ReplyOf<typeof createNode>
const EVERY_MS = 10_000

export default function NodesPage() {
  const { t, say } = useWords()
  const can = useCan()
  const allow = useAllowance()
  const [open, setOpen] = useState(false)
  const [created, setCreated] = useState<Created | null>(null)
  const columns: Column<RowOf<typeof listNodes>>[] = [
    { title: say(NODE.name), key: 'name', render: (row) => <Link to={paths.node(row.id)}>{say(row.name)}</Link> },
    { title: t('department.name'), key: 'department', width: 160, render: (row) => say(row.departmentName) },
    {
      title: t('dataset.state'),
      key: 'state',
      width: 120,
      render: (row) => <State list="nodeState" value={row.state} />,
    },
    {
      title: say(NODE.lastSeen),
      key: 'seen',
      width: 210,
      render: (row) => <Moment at={row.lastSeenAt} form="seconds" />,
    },
    {
      title: say(CROSSING.title),
      key: 'link',
      width: 280,
      render: (row) => <CrossingCell link={row.link} crossing={row.crossing} />,
    },
    {
      title: say(NODE.version),
      key: 'version',
      width: 170,
      render: (row) => (
        <>
          {row.version ?? '–'}
          {row.keyId !== null && (
            <div className="ht-quiet" title={say(NODE.keyId)}>
              <code>{row.keyId}</code>
            </div>
          )}
        </>
      ),
    },
    {
      title: t('work.kind'),
      key: 'work',
      width: 110,
      render: (row) => <Link to={paths.work({ nodeId: row.id })}>{t('work.see')}</Link>,
    },
  ]
  return (
    <>
      <PageHead
        title={t('rail.nodes')}
        facts={say(NODE.help)}
        actions={
          can('node.manage') && (
            <ActionButton type="primary" allowance={allow('node.manage')} onClick={() => setOpen(true)}>
              {say(NODE.new)}
            </ActionButton>
          )
        }
      />
      {created && <EnrolmentCode created={created} onClose={() => setCreated(null)} />}
      <QueryTable
        endpoint={listNodes}
        columns={columns}
        rowKey={(row) => row.id}
        label={t('rail.nodes')}
        everyMs={EVERY_MS}
        empty={say(NODE.none)}
      />
      {open && (
        <NewNode
          onClose={() => setOpen(false)}
          onCreated={(reply) => {
            setCreated(reply)
            setOpen(false)
          }}
        />
      )}
    </>
  )
}

/** The one-time code is shown once and never again. */
function EnrolmentCode({ created, onClose }: { readonly created: Created; onClose(): void }) {
  const { t, say } = useWords()
  const toast = useToast()
  const isFerried = created.node.link !== 'line'
  const copy = async () => {
    const done = await copyText(created.enrolmentCode)
    toast[done ? 'good' : 'bad'](t(done ? 'action.copied' : 'feedback.failed'))
  }
  return (
    <Alert
      className="ht-error"
      type="success"
      showIcon
      role="status"
      closable={{ onClose, 'aria-label': t('action.close') }}
      title={
        isFerried
          ? say(CROSSING.ticketFor).replace('{name}', say(created.node.name))
          : say(NODE.codeFor).replace('{name}', say(created.node.name))
      }
      description={
        <>
          <p>
            <code className={isFerried ? 'ht-long-code' : 'ht-big-code'}>{created.enrolmentCode}</code>{' '}
            <Button size="small" onClick={() => void copy()}>
              {t('action.copy')}
            </Button>
          </p>
          <p>
            {isFerried ? say(CROSSING.ticketHelp) : say(NODE.codeHelp)} {say(NODE.codeUntil)}{' '}
            <Moment at={created.expiresAt} />
          </p>
          {isFerried && <p>{say(CROSSING.folders).replace('{id}', created.node.id)}</p>}
        </>
      }
    />
  )
}

interface Values {
  name: { zh: string; en?: string }
  departmentId: string
}

const LINKS = Object.keys(CROSSING.link) as NodeLink[]

function NewNode({ onClose, onCreated }: { onClose(): void; onCreated(reply: Created): void }) {
  const { t, say } = useWords()
  const act = useAct(createNode)
  const [link, setLink] = useState<NodeLink>('line')
  const send = ({ name, departmentId }: Values) =>
    act
      .run({ body: { name: { zh: name.zh, ...(name.en ? { en: name.en } : {}) }, departmentId, link } })
      .then(onCreated, () => undefined)
  return (
    <SideForm<Values>
      open
      title={say(NODE.new)}
      submitLabel={say(NODE.register)}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onSubmit={(values) => void send(values)}
    >
      <Form.Item
        name={['name', 'zh']}
        label={say(NODE.name)}
        rules={[{ required: true, whitespace: true, message: t('form.needed', { label: say(NODE.name) }) }]}
      >
        <Input maxLength={128} autoFocus />
      </Form.Item>
      <Form.Item name={['name', 'en']} label={t('form.english', { label: say(NODE.name) })}>
        <Input maxLength={128} />
      </Form.Item>
      <Form.Item
        name="departmentId"
        label={t('department.name')}
        rules={[{ required: true, message: t('department.pick') }]}
      >
        <DepartmentSelect />
      </Form.Item>
      <Form.Item label={say(CROSSING.title)} htmlFor="node-link" help={say(CROSSING.help[link])}>
        <Select<NodeLink>
          id="node-link"
          value={link}
          onChange={setLink}
          options={LINKS.map((value) => ({ value, label: say(CROSSING.link[value]) }))}
        />
      </Form.Item>
    </SideForm>
  )
}
