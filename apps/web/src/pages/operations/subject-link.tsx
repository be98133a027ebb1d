import { Link } from 'react-router'
import { paths } from '../../paths.ts'
import { useCan } from '../../session.tsx'
import { useWords, type Said } from '../../words/index.ts'

interface Subject {
  readonly subjectKind: string
  readonly subjectId: string
  readonly subjectName: Said
}

/** What an alert is about, with a link to where it can be looked after. */
export function SubjectLink({ alert }: { readonly alert: Subject }) {
  const { say } = useWords()
  const can = useCan()
  const name = say(alert.subjectName)
  if (alert.subjectKind === 'channel' && can('channel.read'))
    return <Link to={paths.channel(alert.subjectId)}>{name}</Link>
  if (alert.subjectKind === 'node' && can('node.read')) return <Link to={paths.node(alert.subjectId)}>{name}</Link>
  if (alert.subjectKind === 'platform' && can('health.read')) return <Link to={paths.health()}>{name}</Link>
  return <>{name}</>
}
