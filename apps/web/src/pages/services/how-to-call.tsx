import { Button } from 'antd'
import { useWords } from '../../words/index.ts'
import { copyText } from '../../ui/save-file.ts'
import { useToast } from '../../ui/toast.tsx'
import type { Service } from './service.page.tsx'

const LINES = `HUITONG-HMAC-SHA256
<METHOD>
<path>
<query: sorted, RFC 3986>
<sha256 of body, hex>
<application>
<timestamp>
<nonce>
<matter>`

const sampleOf = (service: Service) => `app=… secret=… matter=${service.openings[0]?.matter.code ?? '…'}
path=/api/v1/services/${service.code}/row query='${service.key.map((item) => `${item}=1`).join('&')}'
now=$(date +%s) nonce=$(openssl rand -hex 16)
body=$(printf '' | openssl dgst -sha256 -r | cut -d' ' -f1)
signature=$(printf 'HUITONG-HMAC-SHA256\\nGET\\n%s\\n%s\\n%s\\n%s\\n%s\\n%s\\n%s' \\
  "$path" "$query" "$body" "$app" "$now" "$nonce" "$matter" |
  openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
curl "${location.origin}$path?$query" -H "X-Huitong-App: $app" \\
  -H "X-Huitong-Timestamp: $now" -H "X-Huitong-Nonce: $nonce" \\
  -H "X-Huitong-Matter: $matter" -H "X-Huitong-Signature: $signature"`

/** The rule of the signature and a sample that can be copied into a shell. */
export function HowToCall({ service }: { readonly service: Service }) {
  const { t } = useWords()
  const toast = useToast()
  const sample = sampleOf(service)
  const copy = async () => {
    if (await copyText(sample)) toast.good(t('action.copied'))
  }
  return (
    <>
      <p>{t('service.howHelp')}</p>
      <pre className="ht-pre" tabIndex={0}>
        {LINES}
      </pre>
      <div className="ht-section-head">
        <h3>{t('service.sample')}</h3>
        <Button size="small" onClick={() => void copy()}>
          {t('action.copy')}
        </Button>
      </div>
      <pre className="ht-pre" tabIndex={0}>
        {sample}
      </pre>
    </>
  )
}
