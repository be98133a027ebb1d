import { useLocation } from 'react-router'
import { Notice } from '../../shells/notice.tsx'
import { useWords } from '../../words/index.ts'

export default function UnknownPage() {
  const { t } = useWords()
  const { pathname } = useLocation()
  return <Notice code="404" title={t('unknown.title')} text={t('unknown.text', { address: pathname })} />
}
