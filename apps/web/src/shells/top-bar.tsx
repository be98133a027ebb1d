import { CommentOutlined, DownOutlined } from '@ant-design/icons'
import { logout } from '@huitong/contract/identity'
import { readHome } from '@huitong/contract/portal'
import { readLegalClock } from '@huitong/contract/standards'
import { Button } from 'antd'
import { useRef, useState } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { lastRequestId, queryClient, useAct, useRead } from '../api.ts'
import { paths } from '../paths.ts'
import { useCan, useSession } from '../session.tsx'
import { DeadlineBadge, Mark } from '../ui/marks.tsx'
import { copyText } from '../ui/save-file.ts'
import { moment } from '../ui/time.ts'
import { useToast } from '../ui/toast.tsx'
import { useWords } from '../words/index.ts'
import { SearchBox } from './search-box.tsx'
import { Switches } from './switches.tsx'

const DUTIES_EVERY_MS = 60_000

/** Search over the catalogue, duties with their nearest deadline, feedback, language, light, the person. */
export function TopBar() {
  return (
    <header className="ht-top">
      <Search />
      <span className="ht-grow" />
      <DemoTime />
      <Duties />
      <Feedback />
      <Switches />
      <PersonMenu />
    </header>
  )
}

function Search() {
  const can = useCan()
  const { pathname, search } = useLocation()
  const asked = pathname === paths.search() ? (new URLSearchParams(search).get('q') ?? '') : ''
  return can('catalogue.read') ? <SearchBox key={asked} asked={asked} /> : null
}

function Duties() {
  const { t } = useWords()
  const { mustChangePassword } = useSession()
  const read = useRead(readHome, {}, { enabled: !mustChangePassword, everyMs: () => DUTIES_EVERY_MS })
  if (!read.data) return null
  const { todo } = read.data
  const nearest = todo.find((duty) => duty.deadline)?.deadline ?? null
  return (
    <Link to={paths.home()} className="ht-duties">
      {t('shell.duties', { count: todo.length })}
      {nearest && <DeadlineBadge deadline={nearest} />}
    </Link>
  )
}

/** In a demonstration legal time may run ahead; everybody must see that. */
function DemoTime() {
  const { t, language } = useWords()
  const { demo, mustChangePassword } = useSession()
  const read = useRead(readLegalClock, {}, { enabled: demo && !mustChangePassword, everyMs: () => DUTIES_EVERY_MS })
  if (!read.data || read.data.offsetSeconds === 0) return null
  return (
    <Link to={paths.clock()} className="ht-demo-time">
      <Mark tone="warn">{t('shell.demoTime', { at: moment(read.data.now, language) })}</Mark>
    </Link>
  )
}

function Feedback() {
  const { t } = useWords()
  const toast = useToast()
  const copy = async () => {
    const lines = [
      `${t('feedback.page')} ${location.pathname}${location.search}`,
      `${t('feedback.title')} ${document.title}`,
      `${t('feedback.request')} ${lastRequestId() ?? '–'}`,
      `${t('feedback.time')} ${new Date().toISOString()}`,
    ]
    const done = await copyText(lines.join('\n'))
    toast[done ? 'good' : 'bad'](t(done ? 'feedback.done' : 'feedback.failed'))
  }
  return (
    <Button type="text" icon={<CommentOutlined aria-hidden />} onClick={() => void copy()}>
      {t('feedback.label')}
    </Button>
  )
}

function PersonMenu() {
  const { t, say } = useWords()
  const { person } = useSession()
  const navigate = useNavigate()
  const act = useAct(logout)
  const leave = async () => {
    await act.run({}).catch(() => undefined)
    queryClient.clear()
    void navigate(paths.login())
  }
  const go = (to: string) => {
    setOpen(false)
    void navigate(to)
  }
  const roles = person.roles.map((role) => say(role.words)).join(' · ')
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  return (
    <div
      ref={box}
      className="ht-person"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return
        setOpen(false)
        box.current?.querySelector('button')?.focus()
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false)
      }}
    >
      <Button type="text" aria-expanded={open} aria-haspopup="true" onClick={() => setOpen(!open)}>
        <span>
          {person.name}
          <small>{roles || t('gate.noRole')}</small>
        </span>
        <DownOutlined aria-hidden />
      </Button>
      {open && (
        <div className="ht-person-menu">
          <p className="ht-quiet">
            {person.account} · {say(person.departmentName)}
          </p>
          <Button type="text" block onClick={() => go(paths.password())}>
            {t('shell.password')}
          </Button>
          <Button type="text" block loading={act.busy} onClick={() => void leave()}>
            {t('shell.leave')}
          </Button>
        </div>
      )}
    </div>
  )
}
