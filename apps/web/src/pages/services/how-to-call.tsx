import { SIGNATURE_ALGORITHM, SIGNATURE_HASHES, type SignatureAlgorithm } from '@huitong/contract/application-signature'
import { SAMPLE_LANGUAGES, sampleOf, type SampleLanguage } from '@huitong/contract/service-samples'
import { Button, Select } from 'antd'
import { useState } from 'react'
import { useChoices } from '../../parts/selects.tsx'
import { useWords } from '../../words/index.ts'
import { copyText } from '../../ui/save-file.ts'
import { useToast } from '../../ui/toast.tsx'
import type { Service } from './service.page.tsx'
import { useWays } from './ways.ts'

const ALGORITHMS = Object.keys(SIGNATURE_HASHES) as SignatureAlgorithm[]

const linesOf = (algorithm: SignatureAlgorithm) => `${algorithm}
<METHOD>
<path>
<query: sorted, RFC 3986>
<${SIGNATURE_HASHES[algorithm]} of body, hex>
<application>
<timestamp>
<nonce>
<matter>`

/** The rule of the signature, and a sample in the developer's language that can be copied. */
export function HowToCall({ service }: { readonly service: Service }) {
  const { t } = useWords()
  const toast = useToast()
  const [language, setLanguage] = useState<SampleLanguage>('sh')
  const [algorithm, setAlgorithm] = useState<SignatureAlgorithm>(SIGNATURE_ALGORITHM)
  const [first] = useWays(service)
  const { path, query } = first ?? { path: `/api/v1/services/${service.code}`, query: '' }
  const sample = sampleOf(language, { path, query, algorithm })
  const copy = async () => {
    if (await copyText(sample)) toast.good(t('action.copied'))
  }
  return (
    <>
      <p>{t('service.howHelp')}</p>
      <pre className="ht-pre" tabIndex={0}>
        {linesOf(algorithm)}
      </pre>
      <p className="ht-quiet">{t('service.tokenHelp')}</p>
      <div className="ht-section-head">
        <h3>{t('service.sample')}</h3>
        <span className="ht-marks">
          <Select
            value={language}
            onChange={setLanguage}
            options={useChoices('sampleLanguage', SAMPLE_LANGUAGES)}
            aria-label={t('service.sampleLanguage')}
            className="ht-filter"
          />
          <Select
            value={algorithm}
            onChange={setAlgorithm}
            options={ALGORITHMS.map((value) => ({ value, label: value.replace('HUITONG-', '') }))}
            aria-label={t('service.algorithm')}
            className="ht-filter"
          />
          <Button onClick={() => void copy()}>{t('action.copy')}</Button>
        </span>
      </div>
      <p className="ht-quiet">{t('service.sampleHelp')}</p>
      <pre className="ht-pre" tabIndex={0}>
        {sample}
      </pre>
    </>
  )
}
