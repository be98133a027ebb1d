import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ensureCertificate } from './certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'huitong-certificate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the first start makes a certificate that a TLS client accepts for this machine, and later starts keep it', async () => {
  const made = await ensureCertificate(folder, '192.0.2.7')
  expect(statSync(made.keyFile).mode & 0o777).toBe(0o600)
  expect(new X509Certificate(made.cert).subjectAltName).toContain('192.0.2.7')
  expect(await ensureCertificate(folder, '192.0.2.7')).toEqual(made)

  const server = createServer({ key: made.key, cert: made.cert }, (_request, reply) => reply.end('ok'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = (ca: string | undefined) =>
    new Promise<number>((resolve, reject) => {
      request({ host: '127.0.0.1', port, ...(ca === undefined ? {} : { ca }) }, (reply) =>
        resolve(reply.statusCode ?? 0),
      )
        .on('error', reject)
        .end()
    })
  expect(await ask(made.cert)).toBe(200)
  await expect(ask(undefined)).rejects.toThrow(/self.signed/i)
  server.close()
})

test("a certificate of the owner's own is used as it is", async () => {
  const other = mkdtempSync(join(tmpdir(), 'huitong-certificate-'))
  const own = await ensureCertificate(other, '127.0.0.1')
  writeFileSync(join(folder, 'secrets', 'tls.key'), own.key)
  writeFileSync(join(folder, 'secrets', 'tls.crt'), own.cert)
  expect((await ensureCertificate(folder, '192.0.2.7')).cert).toBe(readFileSync(own.certFile, 'utf8'))
  rmSync(other, { recursive: true })
})
