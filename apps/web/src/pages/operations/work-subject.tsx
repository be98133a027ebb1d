import type { ReplyOf } from '@huitong/contract'
import type { listWork } from '@huitong/contract/operations'
import { Link } from 'react-router'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { useWords } from '../../words/index.ts'

type Work = ReplyOf<typeof listWork>['items'][number]

/** What a piece of work is for: an exchange task or a data source, with a link for those who may go there. */
export function WorkSubject({ work }: { readonly work: Pick<Work, 'subject'> }) {
  const { say } = useWords()
  const can = useCan()
  if (!work.subject) return <>–</>
  const { kind, id, name } = work.subject
  if (kind === 'channel')
    return can('channel.read') ? (
      <Link to={paths.channel(id)} className="ht-code">
        {say(name)}
      </Link>
    ) : (
      <span className="ht-code">{say(name)}</span>
    )
  return can('source.discover') ? <Link to={paths.sourceTables(id)}>{say(name)}</Link> : <>{say(name)}</>
}
