import { Alert } from 'antd'
import { Link } from 'react-router'
import { State } from '../../parts/states.tsx'
import { paths } from '../../paths.ts'
import { useSession } from '../../session.tsx'
import { Moment } from '../../ui/marks.tsx'
import { Facts, Section, type Fact } from '../../ui/page-head.tsx'
import { useWords } from '../../words/index.ts'
import type { Dataset } from './dataset.page.tsx'

/** Everything that the regulation demands of a catalogue entry; what is missing is named. */
export function DatasetOverview({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useWords()
  return (
    <>
      <MissingList dataset={dataset} />
      <Section title={t('dataset.groupBasic')}>
        <Facts facts={useBasic(dataset)} />
      </Section>
      <Section title={t('dataset.groupSharing')}>
        <Facts facts={useSharing(dataset)} />
      </Section>
      <Section title={t('dataset.groupSafety')}>
        <Facts facts={useSafety(dataset)} />
      </Section>
    </>
  )
}

function MissingList({ dataset }: { readonly dataset: Dataset }) {
  const { t, say } = useWords()
  const { person } = useSession()
  const own = person.departmentId === dataset.departmentId
  if (dataset.missing.length === 0 || !own) return null
  return (
    <Alert
      className="ht-error"
      type="warning"
      showIcon
      title={t('dataset.missing', { count: dataset.missing.length })}
      description={
        <ul className="ht-places">
          {dataset.missing.map((missing) => (
            <li key={missing.path + missing.words.zh}>
              <Link to={`${paths.datasetEdit(dataset.id)}#${encodeURIComponent(missing.path)}`}>
                {say(missing.words)}
              </Link>
              <small className="ht-quiet"> {missing.source}</small>
            </li>
          ))}
        </ul>
      }
    />
  )
}

function useBasic(dataset: Dataset): Fact[] {
  const { t, say, choice } = useWords()
  const { content } = dataset
  const format = content.format
  return [
    { label: t('dataset.name'), value: say(content.name) },
    { label: t('dataset.officialCode'), value: dataset.officialCode ?? t('dataset.noOfficialCode') },
    { label: t('dataset.department'), value: say(dataset.departmentName) },
    { label: t('dataset.system'), value: content.system },
    { label: t('dataset.classification'), value: content.classification },
    { label: t('dataset.format'), value: format && `${choice('formatClass', format.class)} · ${format.type}` },
    { label: t('dataset.updateCycle'), value: choice('updateCycle', content.updateCycle) },
    { label: t('dataset.contact'), value: content.contact && `${content.contact.name} · ${content.contact.phone}` },
    { label: t('dataset.publishedAt'), value: <Moment at={dataset.publishedAt} /> },
    { label: t('dataset.updatedAt'), value: <Moment at={dataset.updatedAt} /> },
    { label: t('dataset.summary'), value: content.summary && say(content.summary), wide: true },
  ]
}

function useSharing(dataset: Dataset): Fact[] {
  const { t, choice, listed } = useWords()
  const { content } = dataset
  const basis = content.refusalBasis
  const refused = content.shareAttribute === 'refused'
  const facts: Fact[] = [
    { label: t('dataset.shareAttribute'), value: <State list="shareAttribute" value={content.shareAttribute} /> },
    {
      label: t('dataset.shareMethods'),
      value: listed((content.shareMethods ?? []).map((method) => choice('method', method))) || '–',
    },
    { label: t('dataset.shareScope'), value: content.shareScope },
    { label: t('dataset.shareUse'), value: content.shareUse },
    { label: t('dataset.open'), value: choice('open', content.open) },
    { label: t('dataset.openConditions'), value: content.openConditions },
    { label: t('dataset.useConditions'), value: content.useConditions, wide: true },
  ]
  if (refused)
    facts.push(
      {
        label: t('dataset.refusalBasis'),
        value: basis && `${choice('basisKind', basis.kind)} ${basis.title} ${basis.article}`,
        wide: true,
      },
      { label: t('dataset.refusalReason'), value: content.refusalReason, wide: true },
    )
  return facts
}

function useSafety(dataset: Dataset): Fact[] {
  const { t, choice } = useWords()
  const { content } = dataset
  const told = (assessment: typeof content.secrecyAssessment) =>
    assessment && `${assessment.number} · ${assessment.on} · ${assessment.conclusion}`
  return [
    { label: t('dataset.level'), value: choice('level', content.level) },
    { label: t('dataset.secrecy'), value: told(content.secrecyAssessment), wide: true },
    { label: t('dataset.privacy'), value: told(content.privacyAssessment), wide: true },
  ]
}
