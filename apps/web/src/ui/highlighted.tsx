import { hitsIn } from '@huitong/search'

/** A text with the words of a search marked where they stand. */
export function Highlighted({ text, words }: { readonly text: string; readonly words: readonly string[] }) {
  const hits = hitsIn(text, words)
  return (
    <>
      {hits.map(([from, to], index) => (
        <span key={from}>
          {text.slice(hits[index - 1]?.[1] ?? 0, from)}
          <mark>{text.slice(from, to)}</mark>
        </span>
      ))}
      {text.slice(hits.at(-1)?.[1] ?? 0)}
    </>
  )
}
