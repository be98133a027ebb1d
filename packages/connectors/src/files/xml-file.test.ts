import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError } from '../errors.ts'
import { heldBytes } from '../testing/held.ts'
import { readAll } from '../testing/read.ts'
import { files } from './connector.ts'
import type { FilesSettings } from './settings.ts'

let root: string
let settings: FilesSettings
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'huitong-xml-'))
  settings = { root, encoding: 'auto', delimiter: 'auto' }
})
afterAll(() => rmSync(root, { recursive: true }))

const put = (name: string, data: string | Buffer) => writeFileSync(join(root, name), data)
const describeTable = async (name: string) => {
  const table = await files.describeTable(settings, name)
  if (table.problem !== null) throw table.problem
  return table
}
const types = async (name: string) =>
  Object.fromEntries((await describeTable(name)).columns.map((one) => [one.name, one.canonicalType]))
const read = (name: string, fields: string[]) =>
  readAll(files, settings, {
    table: { schema: '', name },
    fields: fields.map((field) => ({ field, as: field })),
  })
async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConnectorError)) throw new Error(`expected a ConnectorError, got ${String(error)}`)
  return error
}

describe('XML', () => {
  it('is a table for each kind of record, with attributes and elements as columns, typed by the whole file', async () => {
    put(
      'people.xml',
      `<?xml version="1.0"?>
<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <!-- a remark --><sent by="民政局">2024-01-01</sent>
  <person id="1"><code>007</code><n>9007199254740993</n><m>1.50</m><born>2024-02-29</born><name>张&lt;三&gt; <![CDATA[& <b>]]></name></person>
  <person><n>5</n><code>008</code><m xsi:nil="true"/><name></name><born>1999-01-01</born></person>
</data>`,
    )
    const { tables } = await files.discover(settings, { tablesMax: 10, columnsMax: 100 })
    const inFiles = tables.filter(({ kind }) => kind === 'file')
    expect(inFiles.map(({ name, rowEstimate }) => [name, rowEstimate])).toEqual(
      [
        ['people.xml#person', '2'],
        ['people.xml#sent', '1'],
      ].sort((a, b) => (a[0]! > b[0]! ? -1 : 1)),
    )
    expect(await types('people.xml#person')).toEqual({
      '@id': 'integer',
      born: 'date',
      code: 'text',
      m: 'numeric',
      n: 'bigint',
      name: 'text',
    })
    expect((await read('people.xml#person', ['@id', 'code', 'n', 'm', 'born', 'name'])).text).toBe(
      '1,007,9007199254740993,1.50,2024-02-29,张<三> & <b>\n,008,5,,1999-01-01,\n',
    )
    expect((await read('people.xml#sent', ['@by', '#text'])).text).toBe('民政局,2024-01-01\n')
  })

  it('keeps what has elements, attributes or repeats of its own as XML text, the whole column alike', async () => {
    put(
      'nested.xml',
      `<t><r><tel>1</tel><adr><city>深圳 &amp; 香港</city></adr><h unit="c&quot;m">170</h></r><r><tel>2</tel><tel>3</tel><h>160</h></r></t>`,
    )
    expect(await types('nested.xml#r')).toEqual({ adr: 'text', h: 'text', tel: 'text' })
    expect((await read('nested.xml#r', ['tel', 'adr', 'h'])).text).toBe(
      '<tel>1</tel>,<adr><city>深圳 &amp; 香港</city></adr>,"<h unit=""c&quot;m"">170</h>"\n<tel>2</tel><tel>3</tel>,,<h>160</h>\n',
    )
  })

  it('is read in the encoding that it says, or that its bytes are', async () => {
    const text = (name: string) => `<?xml version="1.0" encoding="${name}"?><t><r><a>鹏城𠮷</a></r></t>`
    const made: Record<string, Buffer> = {
      'u8.xml': Buffer.from(text('UTF-8')),
      'u8bom.xml': Buffer.from(`\ufeff${text('utf-8')}`),
      'gb.xml': iconv.encode(text('GB18030'), 'gb18030'),
      'gbk.xml': iconv.encode(text('GBK'), 'gb18030'),
      'silent.xml': iconv.encode('<t><r><a>鹏城𠮷</a></r></t>', 'gb18030'),
      'u16.xml': iconv.encode(text('UTF-16'), 'utf-16le', { addBOM: true }),
    }
    for (const [name, data] of Object.entries(made)) {
      put(name, data)
      expect((await read(`${name}#r`, ['a'])).text, name).toBe('鹏城𠮷\n')
    }
    put('lies.xml', iconv.encode(text('UTF-8'), 'gb18030'))
    expect((await failure(read('lies.xml#r', ['a']))).code).toBe('encoding_unknown')
    put('big5.xml', text('Big5'))
    expect((await failure(read('big5.xml#r', ['a']))).code).toBe('encoding_unknown')
  })

  it('with many records is read in bounded memory', { timeout: 60_000 }, async () => {
    const record = `<r><id>1</id><name>${'名'.repeat(500)}</name></r>\n`
    put('many.xml', `<t>${record.repeat(50_000)}</t>`)
    // By then the text that was written is gone.
    await setImmediate()
    const before = heldBytes()
    let [peak, chunks] = [0, 0]
    const request = { table: { schema: '', name: 'many.xml#r' }, fields: [{ field: 'name', as: 'name' }] }
    const stream = await files.readRows(settings, request)
    for await (const _chunk of stream) if (chunks++ % 3 === 0) peak = Math.max(peak, heldBytes())
    expect(stream.rows).toBe(50_000n)
    expect(chunks).toBeGreaterThan(3)
    // A few of 75 MB.
    expect(peak - before).toBeLessThan(25 * 1024 * 1024)
  })
})

describe('hostile XML', () => {
  it('with a document type is refused: no entity is defined, expanded or fetched', async () => {
    let asked = 0
    const server = createServer((_request, response) => {
      asked++
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.dtd`
    const laughs = Array.from({ length: 9 }, (_one, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
    const made = [
      `<!DOCTYPE t [<!ENTITY l0 "ha">${laughs}]><t><r><a>&l9;</a></r></t>`,
      `<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><t><r><a>&x;</a></r></t>`,
      `<!DOCTYPE t SYSTEM "${url}"><t><r><a>1</a></r></t>`,
      `<!DOCTYPE t [<!ENTITY % p SYSTEM "${url}"> %p;]><t><r><a>1</a></r></t>`,
    ]
    for (const [i, text] of made.entries()) {
      put(`dtd${i}.xml`, text)
      expect((await failure(read(`dtd${i}.xml#r`, ['a']))).code, text).toBe('file_refused')
    }
    expect(asked).toBe(0)
    server.close()
    put('entity.xml', '<t><r><a>&unknown;</a></r></t>')
    expect((await failure(read('entity.xml#r', ['a']))).code).toBe('bad_file')
  })

  it('that is not well-formed, cut short, or no XML is an error with its line', async () => {
    const made: Record<string, number> = {
      '<t>\n<r><a>1</a></r>\n<r><a>1</b></r></t>': 3,
      '<t>\n<r><a>1</a></r>\n<r><a': 3,
      '<t><r><a>1</a></r></t>\n<t/>': 2,
      '<t><r a="1" a="2"/></t>': 1,
      '<t><r><a>&#0;</a></r></t>': 1,
      '<t><r><a>\u0001</a></r></t>': 1,
      'name,code\n1,2\n': 3,
    }
    for (const [text, line] of Object.entries(made)) {
      put('bad.xml', text)
      const error = await failure(read('bad.xml#r', ['a']))
      expect([error.code, error.place.line], text).toEqual(['bad_file', line])
    }
  })

  it(
    'that is too deep, or has a record, text, tag or comment that does not end, is refused while it grows',
    { timeout: 60_000 },
    async () => {
      const long = 'x'.repeat(40 * 1024 * 1024)
      const made = [
        `<t><r>${'<a>'.repeat(100_000)}`,
        `<t><r><a>${long}`,
        `<t><r><a b="${long}`,
        `<t><r><!--${long}`,
        `<t><r>${'<a>0123456789</a>'.repeat(2_500_000)}`,
        `<t>${Array.from({ length: 101 }, (_one, i) => `<r${i}/>`).join('')}</t>`,
      ]
      for (const text of made) {
        put('grow.xml', text)
        const error = await failure(
          files.describeTable(settings, 'grow.xml#r').then(({ problem }) => Promise.reject(problem)),
        )
        expect(error.code, text.slice(0, 30)).toBe(text.includes('<r1/>') ? 'table_missing' : 'file_refused')
      }
      expect((await failure(describeTable('grow.xml'))).code).toBe('file_refused')
    },
  )
})
