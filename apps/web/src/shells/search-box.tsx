import { SearchOutlined } from '@ant-design/icons'
import { suggestDatasets } from '@huitong/contract/search'
import type { ReplyOf } from '@huitong/contract'
import { wordsOf } from '@huitong/search'
import { Input, type InputRef } from 'antd'
import { useEffect, useId, useRef, useState, type KeyboardEvent as Key } from 'react'
import { useNavigate } from 'react-router'
import { useRead } from '../api.ts'
import { paths } from '../paths.ts'
import { Highlighted } from '../ui/highlighted.tsx'
import { useWords, type Speaker, type WordKey } from '../words/index.ts'

const PAUSE_MS = 150

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

interface Choice {
  readonly key: string
  readonly text: string
  readonly note?: string
  readonly to: string
}
interface ChoiceGroup {
  readonly word: WordKey
  readonly choices: readonly Choice[]
}

/** The one search: `/` focuses it, words suggest what the search would find, arrows choose, Enter goes. */
export function SearchBox({ asked }: { readonly asked: string }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const box = useRef<InputRef>(null)
  const list = useId()
  const [text, setText] = useState(asked)
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const groups = useSuggestions(text, open)
  const choices = groups.flatMap((group) => group.choices)
  const shown = open && choices.length > 0
  useFocusKey(box)
  const go = (to: string) => {
    setOpen(false)
    setActive(-1)
    box.current?.blur()
    void navigate(to)
  }
  const press = (event: Key) => {
    if (event.key === 'Escape') setOpen(false)
    if ((event.key !== 'ArrowDown' && event.key !== 'ArrowUp') || !shown) return
    event.preventDefault()
    const places = choices.length + 1
    // One place more than choices: the box itself.
    setActive((before) => ((before + 1 + (event.key === 'ArrowDown' ? 1 : -1) + places) % places) - 1)
  }
  return (
    <form
      role="search"
      className="ht-search"
      onSubmit={(event) => {
        event.preventDefault()
        go(choices[active]?.to ?? paths.search({ q: text.trim() }))
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false)
      }}
    >
      <Input
        ref={box}
        value={text}
        maxLength={200}
        allowClear
        autoComplete="off"
        role="combobox"
        aria-expanded={shown}
        aria-controls={list}
        aria-autocomplete="list"
        {...(shown && active >= 0 ? { 'aria-activedescendant': `${list}-${active}` } : {})}
        prefix={<SearchOutlined aria-hidden />}
        suffix={<kbd aria-hidden>/</kbd>}
        placeholder={t('shell.search')}
        aria-label={t('shell.search')}
        aria-keyshortcuts="/"
        onKeyDown={press}
        onChange={(event) => {
          setText(event.target.value)
          setActive(-1)
          setOpen(true)
        }}
      />
      <Suggestions id={list} groups={shown ? groups : []} active={active} words={wordsOf(text)} go={go} />
    </form>
  )
}

interface SuggestionsProps {
  readonly id: string
  readonly groups: readonly ChoiceGroup[]
  readonly active: number
  readonly words: readonly string[]
  readonly go: (to: string) => void
}

function Suggestions({ id, groups, active, words, go }: SuggestionsProps) {
  const { t } = useWords()
  let at = -1
  return (
    <div id={id} role="listbox" aria-label={t('search.suggestions')} className="ht-suggestions" hidden={!groups.length}>
      {groups.map((group) => (
        <div key={group.word} role="group" aria-label={t(group.word)}>
          <div className="ht-rail-title" aria-hidden>
            {t(group.word)}
          </div>
          {group.choices.map((choice) => {
            at++
            return (
              <div
                key={choice.key}
                id={`${id}-${at}`}
                role="option"
                aria-selected={at === active}
                // Before the box loses its focus, and the list with it.
                onMouseDown={(event) => {
                  event.preventDefault()
                  go(choice.to)
                }}
              >
                <span>
                  <Highlighted text={choice.text} words={words} />
                </span>
                {choice.note && <small className="ht-quiet">{choice.note}</small>}
              </div>
            )
          })}
        </div>
      ))}
    </div>
  )
}

function useFocusKey(box: { readonly current: InputRef | null }): void {
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      event.preventDefault()
      box.current?.focus({ cursor: 'all' })
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [box])
}

/** Asked when the typing pauses; the last answer stays until the next one is there. */
function useSuggestions(text: string, open: boolean): ChoiceGroup[] {
  const speaker = useWords()
  const [paused, setPaused] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const enabled = open && wordsOf(paused).length > 0
  const read = useRead(suggestDatasets, { query: { q: paused } }, { enabled, keep: true })
  return enabled && wordsOf(text).length > 0 && read.data ? grouped(read.data, speaker) : []
}

function grouped(reply: ReplyOf<typeof suggestDatasets>, { say }: Speaker): ChoiceGroup[] {
  const groups: ChoiceGroup[] = [
    {
      word: 'search.suggestDatasets',
      choices: reply.datasets.map(({ id, name, departmentName }) => {
        return { key: id, text: say(name), note: say(departmentName), to: paths.dataset(id) }
      }),
    },
    {
      word: 'search.suggestItems',
      choices: reply.items.map((name) => ({
        key: `item ${name.zh}`,
        text: say(name),
        to: paths.search({ q: name.zh }),
      })),
    },
    {
      word: 'search.suggestDepartments',
      choices: reply.departments.map(({ id, name }) => {
        return { key: id, text: say(name), to: paths.search({ department: id }) }
      }),
    },
  ]
  return groups.filter((group) => group.choices.length > 0)
}
