import { createDataset, listDatasets, type DatasetContent, type ItemContent } from '@huitong/contract/catalogue'
import { listAll, type Site } from './populate.ts'

const item = (code: string, name: string, extra: Partial<ItemContent> = {}): ItemContent => ({
  code,
  name: { zh: name },
  type: 'text',
  shareAttribute: 'conditional',
  level: 'general_2',
  ...extra,
})

/** Entries that other departments have begun, so that pages are not empty. None belongs to the main job. */
const DRAFTS: readonly (readonly [department: string, content: DatasetContent])[] = [
  [
    'renshe',
    {
      name: { zh: '社会保险参保单位信息', en: 'Employers in social insurance' },
      summary: { zh: '本市参加社会保险的用人单位名称、代码、参保险种和状态' },
      classification: '307001',
      format: { class: 'database', type: 'postgresql' },
      updateCycle: 'daily',
      shareAttribute: 'conditional',
      shareMethods: ['table', 'service'],
      shareScope: '本市各级行政机关',
      shareUse: '行政审批、信用核查',
      useConditions: '不得用于公示，不得转给第三方',
      open: 'closed',
      level: 'general_2',
      items: [
        item('credit_code', '统一社会信用代码', { key: true, nullable: false, length: 18 }),
        item('unit_name', '单位名称', { nullable: false, length: 100 }),
        item('insured_count', '参保人数', { type: 'integer' }),
        item('status', '参保状态', { length: 16 }),
      ],
    },
  ],
  [
    'shichang',
    {
      name: { zh: '企业登记基本信息', en: 'Basic registration of enterprises' },
      summary: { zh: '本市登记的企业名称、统一社会信用代码、住所和状态' },
      format: { class: 'database', type: 'postgresql' },
      updateCycle: 'realtime',
      shareAttribute: 'unconditional',
      open: 'unconditional',
      items: [
        item('credit_code', '统一社会信用代码', { key: true, nullable: false, shareAttribute: 'unconditional' }),
        item('name', '企业名称', { shareAttribute: 'unconditional' }),
        item('address', '住所'),
      ],
    },
  ],
  [
    'gongan',
    {
      name: { zh: '人口基本信息', en: 'Basic register of people' },
      summary: { zh: '本市户籍和常住人口的姓名、公民身份号码、住址和状态' },
      format: { class: 'database', type: 'postgresql' },
      updateCycle: 'daily',
      shareAttribute: 'conditional',
      shareMethods: ['table', 'service'],
      open: 'closed',
      level: 'general_3',
      items: [
        item('id', '序号', { key: true, nullable: false, type: 'integer' }),
        item('name', '姓名', { level: 'general_3' }),
        item('id_number', '公民身份号码', { level: 'general_3', length: 18 }),
        item('address', '住址', { level: 'general_3' }),
      ],
    },
  ],
  [
    'minzheng',
    {
      name: { zh: '低保发放信息（社区）', en: 'Subsistence allowances by community' },
      summary: { zh: '各社区（村）低保家庭和人员的月发放金额' },
      format: { class: 'database', type: 'postgresql' },
      updateCycle: 'monthly',
      shareAttribute: 'conditional',
      shareMethods: ['table'],
      open: 'closed',
      level: 'general_3',
      items: [
        item('id', '序号', { key: true, nullable: false, type: 'integer' }),
        item('family_no', '低保家庭编号'),
        item('community_name', '社区（村）名称'),
        item('amount', '月发放金额', { type: 'decimal' }),
      ],
    },
  ],
  [
    'shichang',
    {
      name: { zh: '行政许可信息', en: 'Administrative licences' },
      summary: { zh: '本市市场监管领域的许可证编号、持证主体和有效期' },
      format: { class: 'database', type: 'postgresql' },
      updateCycle: 'daily',
      shareAttribute: 'unconditional',
      open: 'unconditional',
      items: [
        item('number', '许可证编号', { key: true, nullable: false, shareAttribute: 'unconditional' }),
        item('credit_code', '统一社会信用代码', { shareAttribute: 'unconditional', length: 18 }),
        item('valid_until', '有效期至', { shareAttribute: 'unconditional' }),
      ],
    },
  ],
  ['jiaoyu', { name: { zh: '义务教育学校名录', en: 'Schools of compulsory education' }, open: 'unconditional' }],
]

/** Makes the drafts that are not there yet, each by the officer of its department. */
export async function makeDrafts(site: Site): Promise<void> {
  for (const [department, body] of DRAFTS) {
    const officer = await site.as(`${department}-officer`)
    const known = await listAll(officer, listDatasets)
    if (known.some((one) => one.name.zh === body.name.zh)) continue
    await officer.call(createDataset, { body })
  }
}
