import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { signedHeaders } from './signed-call.ts'

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const asked = { appId: 'htabc', secret: '密钥', matter: 'M-1', path: '/api/v1/services/people/row' }

test('the page signs as the documentation says, by Node’s own HMAC', () => {
  const headers = signedHeaders({ ...asked, query: 'name=王&id=2' }, new Date(1_790_000_000_000))!
  const text = [
    'HUITONG-HMAC-SHA256',
    'GET',
    asked.path,
    'id=2&name=%E7%8E%8B',
    EMPTY,
    'htabc',
    '1790000000',
    headers['x-huitong-nonce'],
    'M-1',
  ].join('\n')
  expect(headers['x-huitong-signature']).toBe(createHmac('sha256', '密钥').update(text).digest('hex'))
})

test('without a matter its header is left out; a query that cannot be read is not signed', () => {
  expect(signedHeaders({ ...asked, matter: '', query: '' })).not.toHaveProperty('x-huitong-matter')
  expect(signedHeaders({ ...asked, query: 'a=%E7' })).toBeNull()
})
