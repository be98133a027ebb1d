import { randomUUID } from 'node:crypto'
import type { DatasetContent, ItemContent } from '@huitong/contract/catalogue'
import { randomOf, type Random } from '@huitong/demo/random'

/** What a province's catalogue speaks of: subjects, what is recorded about them, and what the columns are called. */
const SUBJECTS =
  '低保 特困 残疾人 老年人 高龄津贴 孤儿 流动人口 常住人口 户籍人口 出生 死亡 婚姻 收养 社会组织 养老机构 殡葬 救助 退役军人 烈属 义务教育 高中 高校 学籍 教师 幼儿园 培训机构 就业 失业 劳动合同 养老保险 工伤 医疗保险 生育 大病 药品 医疗机构 医师 护士 疫苗 传染病 献血 公积金 不动产 房屋 物业 保障房 危房 建筑工程 施工许可 燃气 供水 供热 排水 城市绿化 土地 宗地 矿产 规划 测绘 森林 湿地 河流 水库 取水 排污 环境监测 空气质量 固废 危险化学品 机动车 驾驶人 道路运输 公交 出租车 桥梁 港口 船舶 航道 企业 个体工商户 股权 商标 专利 特种设备 食品经营 药店 餐饮 计量 认证 信用 纳税 发票 关税 财政预算 政府采购 国有资产 专项资金 审计 统计 粮食 农药 种子 兽医 农机 渔业 耕地 农村集体 宅基地 合作社 旅游 文物 图书馆 体育 广播 出版 律师 公证 法律援助 行政处罚 行政许可 行政强制 信访 消防 应急物资 气象 地震 防汛 人防 保密 档案 宗教 民族 外事 侨务 台胞 科技项目 高新企业 创新平台 电力 煤炭 油气 节能 通信 网络 数据中心'.split(
    ' ',
  )
const PARTS =
  '社区 农村 城镇 家庭 人员 单位 场所 项目 设施 从业人员 申请人 受益人 负责人 办理 审批 年检 监督检查 抽查 投诉 补贴 发放 名录 备案 注销 变更 登记 许可 资格 证照 合同 缴费 台账 评价 等级 培训 考核 网格 户 企业 机构'.split(
    ' ',
  )
const ENDS = '信息 基本信息 明细 汇总 名单 记录 统计表 清册 数据 档案信息 变更记录 月报'.split(' ')
const ITEM_HEADS =
  '姓名 性别 民族 公民身份号码 出生日期 联系电话 户籍地址 居住地址 社区名称 村居代码 行政区划代码 家庭编号 与户主关系 婚姻状况 文化程度 单位名称 统一社会信用代码 法定代表人 注册资本 经营范围 行业代码 成立日期 许可证号 许可内容 有效期起 有效期止 发证机关 发证日期 项目名称 项目编号 建设地点 总投资 面积 用途 坐落 权利人 合同编号 金额 发放金额 发放月份 享受标准 开户银行 账号 缴费基数 缴费月数 就诊日期 诊断名称 医院名称 学校名称 年级 班级 车牌号码 车辆类型 检验日期 违法事实 处罚依据 处罚金额 处罚日期 检查结果 检查人员 监测点位 监测时间 监测值 排放量 水位 流量 海拔 经度 纬度 状态 备注 更新时间 数据来源 批次号 操作标识'.split(
    ' ',
  )
const ITEM_TAILS = ['', '', '', '', '（变更前）', '代码', '说明', '类别', '编号', '时间', '等级', '来源', '（年度）']
const EN =
  'name sex nation id_number birth_date phone address village_code division_code family_no amount started_on credit_code legal_person capital industry licence_no valid_until authority issued_on project area owner contract status remark updated_at source batch_no level kind value'.split(
    ' ',
  )
const CYCLES = ['realtime', 'daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'other'] as const
const FORMATS = ['electronic_file', 'spreadsheet', 'database', 'service'] as const
const LEVELS = ['general_1', 'general_2', 'general_3', 'general_4'] as const
/** 20 of them are rare Han beyond the BMP. */
const RARE = [...'𠮷𡋾𢘑𣗋𤧛𥖎𦍌𧒽𨭎𩷶𪚥𫍲𫓧𫖯𫘦𬀩𬇙𬍡𬜬𬳵']

export interface MadeDataset {
  readonly id: string
  /** Index of its department. */
  readonly department: number
  readonly published: boolean
  readonly code: string
  readonly content: DatasetContent
}

/** Makes datasets as a catalogue of that size holds them; the same seed makes the same ones (but their identifiers). */
export function* makeDatasets(count: number, places: readonly string[], departments: number): Generator<MadeDataset> {
  const random = randomOf('huitong/bench/search')
  for (let n = 1; n <= count; n++) {
    const name = nameOf(random, places, n)
    const shared = random.integer(10)
    yield {
      id: randomUUID(),
      department: random.integer(departments),
      published: random.integer(20) > 0,
      code: `30${String(1 + random.integer(9)).padStart(4, '0')}/${String(n).padStart(6, '0')}`,
      content: {
        name: { zh: name, en: `Register ${n} of ${random.pick(EN).replaceAll('_', ' ')}` },
        summary: {
          zh: `${name}，由${random.pick(places)}等地按${random.pick(PARTS)}归集，用于${random.pick(SUBJECTS)}核验`,
        },
        shareAttribute: shared < 3 ? 'unconditional' : shared < 9 ? 'conditional' : 'refused',
        open: random.pick(['unconditional', 'conditional', 'closed', 'closed'] as const),
        format: { class: random.pick(FORMATS), type: 'postgresql' },
        updateCycle: random.pick(CYCLES),
        level: random.pick(LEVELS),
        items: itemsOf(random),
      },
    }
  }
}

function nameOf(random: Random, places: readonly string[], n: number): string {
  const subject = `${random.pick(SUBJECTS)}${random.pick(PARTS)}${random.pick(ENDS)}`
  const form = random.integer(10)
  if (form < 4) return `${subject}${n}`
  if (form < 9) return `${random.pick(places)}${subject}（${n}）`
  return `${random.pick(RARE)}${random.pick(places)}${subject}${n}`
}

function itemsOf(random: Random): ItemContent[] {
  const count = 3 + random.integer(12)
  return Array.from({ length: count }, (_none, at) => ({
    code: `${random.pick(EN)}_${at}`,
    name: { zh: `${random.pick(ITEM_HEADS)}${random.pick(ITEM_TAILS)}`, en: random.pick(EN).replaceAll('_', ' ') },
    type: 'text' as const,
    shareAttribute: 'conditional' as const,
    level: random.pick(LEVELS),
  }))
}
