import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isIP } from 'node:net'
import { generate } from 'selfsigned'

/** Key and certificate of the public port, PEM, and the files that hold them. */
export interface Certificate {
  readonly key: string
  readonly cert: string
  readonly keyFile: string
  readonly certFile: string
}

const VALID_DAYS = 825
const RENEW_BEFORE_MS = 30 * 86_400_000

/**
 * The certificate for addresses that are not loopback: `<data>/secrets/tls.key` and `tls.crt`, made at the first start
 * for this machine's names. Put your own two files there and they are used; one that we made is renewed before it ends.
 */
export async function ensureCertificate(dataDir: string, host: string): Promise<Certificate> {
  const folder = join(dataDir, 'secrets')
  const keyFile = join(folder, 'tls.key')
  const certFile = join(folder, 'tls.crt')
  if (!existsSync(keyFile) || !existsSync(certFile) || endsSoon(readFileSync(certFile, 'utf8'))) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const made = await make(host)
    writeFileSync(keyFile, made.private, { mode: 0o600 })
    writeFileSync(certFile, made.cert, { mode: 0o644 })
  }
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8'), keyFile, certFile }
}

/** Only what we signed ourselves is renewed; another issuer's certificate is its owner's to renew. */
function endsSoon(pem: string): boolean {
  const certificate = new X509Certificate(pem)
  const isOurs = certificate.issuer === certificate.subject && certificate.subject.includes('O=Huitong')
  return isOurs && Date.parse(certificate.validTo) - Date.now() < RENEW_BEFORE_MS
}

function make(host: string): ReturnType<typeof generate> {
  const names = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), host])].filter(
    (name) => !/^(0\.0\.0\.0|::)$/.test(name),
  )
  const altNames = names.map((name) =>
    isIP(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  )
  const attributes = [
    { name: 'commonName', value: hostname() },
    { name: 'organizationName', value: 'Huitong' },
  ]
  return generate(attributes, {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_DAYS * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  })
}
