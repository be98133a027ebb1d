import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSource, listNodes, listSources } from '@huitong/contract/nodes'
import iconv from 'iconv-lite'
import { dateOf, dayOf, LAST_DAY } from './days.ts'
import { demoFile } from './files.ts'
import { listAll, type Site } from './populate.ts'
import { bulkRandomOf } from './random.ts'
import { zipOf } from './zip.ts'

/** The shared folder of one department, and the data source as which its node knows it. */
export const FOLDER = {
  department: 'shichang',
  source: { zh: '市场监管局共享文件夹', en: 'Market regulation shared folder' },
} as const

/** A file of the folder as it was planted: the columns with the type that must be found, and its rows as texts. */
export interface PlantedFile {
  /** Its name as discovery gives it: a sheet is a table of its workbook. */
  readonly table: string
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly rows: readonly (readonly string[])[]
}

const EQUIPMENT_ROWS = 1_200
const SAMPLES_ROWS = 800
const COMPLAINTS_ROWS = 300
const KINDS = ['电梯', '锅炉', '压力容器', '起重机械', '场（厂）内专用机动车辆']
const FOODS = ['酱油', '小麦粉', '食用植物油', '速冻水饺', '白酒', '猪肉"冷鲜"']
const MATTERS = ['计量不准', '价格违法', '虚假宣传，误导消费', '食品过期']

export const folderOf = (dataDir: string): string => demoFile(dataDir, 'folders/shichang')

const EQUIPMENT = '特种设备使用登记.csv'
const SAMPLES = '食品抽检结果.csv'
const COMPLAINTS = '投诉举报台账.xlsx'
const SHEET = '2025年'

/** What lies in the folder of a seed. Codes with leading zeros must stay text; that is what files are spoilt by. */
export function plantedFiles(seed: number): PlantedFile[] {
  const random = bulkRandomOf(`huitong/folder/${seed}`)
  const day = () => dateOf(dayOf(LAST_DAY) - random.integer(1_500))
  const code = (at: number, digits: number) => String(at + 1).padStart(digits, '0')
  const rowsOf = (count: number, row: (at: number) => string[]) => Array.from({ length: count }, (_one, at) => row(at))
  return [
    {
      table: EQUIPMENT,
      columns: [
        ['设备代码', 'text'],
        ['设备种类', 'text'],
        ['登记日期', 'date'],
        ['台数', 'integer'],
      ],
      rows: rowsOf(EQUIPMENT_ROWS, (at) => [code(at, 8), random.pick(KINDS), day(), String(1 + random.integer(20))]),
    },
    {
      table: SAMPLES,
      columns: [
        ['抽样编号', 'text'],
        ['食品名称', 'text'],
        ['抽样日期', 'date'],
        ['检出值', 'numeric'],
      ],
      rows: rowsOf(SAMPLES_ROWS, (at) => [
        code(at, 6),
        random.pick(FOODS),
        day(),
        `${random.integer(10)}.${code(random.integer(99), 2)}`,
      ]),
    },
    {
      table: `${COMPLAINTS}#${SHEET}`,
      columns: [
        ['工单编号', 'text'],
        ['事项', 'text'],
        ['登记日期', 'date'],
      ],
      rows: rowsOf(COMPLAINTS_ROWS, (at) => [code(at, 5), random.pick(MATTERS), day()]),
    },
  ]
}

/** Puts the files there: GB18030 as old systems write it, UTF-8 with its mark, and a workbook. Safe to repeat. */
export function fillFolder(dataDir: string, seed: number): void {
  const folder = folderOf(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const [equipment, samples, complaints] = plantedFiles(seed) as [PlantedFile, PlantedFile, PlantedFile]
  const contents: Readonly<Record<string, () => Buffer>> = {
    [EQUIPMENT]: () => iconv.encode(csvOf(equipment), 'gb18030'),
    [SAMPLES]: () => Buffer.from(`\ufeff${csvOf(samples)}`),
    [COMPLAINTS]: () => workbookOf(complaints),
  }
  for (const [name, bytes] of Object.entries(contents)) {
    const path = join(folder, name)
    if (existsSync(path)) continue
    writeFileSync(`${path}.half`, bytes())
    renameSync(`${path}.half`, path)
  }
}

/** Registers the folder at the department's node, which has enrolled. */
export async function makeFolderSource(site: Site, departments: Map<string, string>): Promise<void> {
  const centre = await site.as('centre')
  if ((await listAll(centre, listSources)).some((one) => one.name.zh === FOLDER.source.zh)) return
  const departmentId = departments.get(FOLDER.department)!
  const node = (await listAll(centre, listNodes)).find((one) => one.departmentId === departmentId)!
  const settings = { root: folderOf(site.dataDir), encoding: 'auto', delimiter: 'auto' }
  const body = { name: FOLDER.source, nodeId: node.id, kind: 'files', settings, usage: 'provide', frontDatabase: true }
  await centre.call(createSource, { body: { ...body, usage: 'provide' } }, { idempotencyKey: 'demo-source-folder' })
}

function csvOf({ columns, rows }: PlantedFile): string {
  const field = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const line = (fields: readonly string[]) => `${fields.map(field).join(',')}\r\n`
  return [columns.map(([name]) => name), ...rows].map(line).join('')
}

const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'

/** A workbook of one sheet (ECMA-376) whose first column holds numbers that their format shows with leading zeros. */
function workbookOf({ columns, rows }: PlantedFile): Buffer {
  const text = (value: string) =>
    `<c t="inlineStr"><is><t>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</t></is></c>`
  const head = `<row>${columns.map(([name]) => text(name)).join('')}</row>`
  const body = rows.map(([code, ...rest]) => `<row><c s="1"><v>${Number(code)}</v></c>${rest.map(text).join('')}</row>`)
  const relations = (type: string, id: string, target: string) =>
    `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`
  const xml = (content: string) => `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${content}`
  return zipOf({
    '[Content_Types].xml': xml(
      `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${CONTENT}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${CONTENT}.styles+xml"/></Types>`,
    ),
    '_rels/.rels': xml(
      `<Relationships xmlns="${PACKAGE}/relationships">${relations('officeDocument', 'r1', 'xl/workbook.xml')}</Relationships>`,
    ),
    'xl/_rels/workbook.xml.rels': xml(
      `<Relationships xmlns="${PACKAGE}/relationships">${relations('worksheet', 'r1', 'worksheets/sheet1.xml')}${relations('styles', 'r2', 'styles.xml')}</Relationships>`,
    ),
    'xl/workbook.xml': xml(
      `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${SHEET}" sheetId="1" r:id="r1"/></sheets></workbook>`,
    ),
    'xl/styles.xml': xml(
      `<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    ),
    'xl/worksheets/sheet1.xml': xml(
      `<worksheet xmlns="${MAIN}"><sheetData>${head}${body.join('')}</sheetData></worksheet>`,
    ),
  })
}
