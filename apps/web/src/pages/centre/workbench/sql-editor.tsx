import { autocompletion, completionKeymap } from '@codemirror/autocomplete'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { minimalSetup } from 'codemirror'
import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState, type Ref } from 'react'

/** Tables with their columns, as the completion offers them: `layer.name`. */
export type Offered = Readonly<Record<string, readonly string[]>>

export interface EditorHandle {
  /** Puts a text where the cursor is. */
  insert(text: string): void
  /** Puts the cursor at a character of the text. */
  moveTo(at: number): void
}

interface SqlEditorProps {
  readonly value: string
  readonly label: string
  readonly offered: Offered
  readonly ref: Ref<EditorHandle>
  onChange(value: string): void
  onRun(): void
}

/** Of the platform's own tokens, so that they are readable in light and dark. */
const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--ht-accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ht-good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--ht-warn)' },
  { tag: tags.comment, color: 'var(--ht-quiet)', fontStyle: 'italic' },
])

const language = (offered: Offered) =>
  sql({
    dialect: PostgreSQL,
    schema: Object.fromEntries(Object.entries(offered).map(([name, columns]) => [name, [...columns]])),
  })

/** An editor of SQL with completion of tables and columns. Tab leaves it, for those who work by keyboard. */
export function SqlEditor({ value, label, offered, ref, onChange, onRun }: SqlEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const [schema] = useState(() => new Compartment())
  const changed = useEffectEvent(onChange)
  const run = useEffectEvent(onRun)
  const begin = useEffectEvent(() =>
    EditorState.create({
      doc: value,
      extensions: [
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (run(), true), preventDefault: true }])),
        minimalSetup,
        lineNumbers(),
        autocompletion({ icons: false }),
        syntaxHighlighting(COLOURS),
        keymap.of(completionKeymap),
        schema.of(language(offered)),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString())
        }),
      ],
    }),
  )

  useEffect(() => {
    const made = new EditorView({ parent: place.current!, state: begin() })
    view.current = made
    return () => {
      view.current = null
      made.destroy()
    }
  }, [])
  useEffect(() => {
    view.current?.dispatch({ effects: schema.reconfigure(language(offered)) })
  }, [offered, schema])
  useEffect(() => {
    const made = view.current
    if (made && made.state.doc.toString() !== value)
      made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value } })
  }, [value])
  useImperativeHandle(ref, () => ({
    insert(text) {
      const made = view.current
      made?.dispatch(made.state.replaceSelection(text))
      made?.focus()
    },
    moveTo(at) {
      const made = view.current
      made?.dispatch({ selection: { anchor: Math.min(at, made.state.doc.length) }, scrollIntoView: true })
      made?.focus()
    },
  }))

  return <div className="ht-sql" ref={place} />
}
