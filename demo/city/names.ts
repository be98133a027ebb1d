import type { BulkRandom } from './random.ts'

/**
 * Surnames of the Han population with their frequency in persons per million, rounded. Source: the National Citizen
 * Identity Information Center's count of 1.2 billion registered persons of 2008, as the data set ChineseNames
 * (H.-W.-S. Bao, 2020, table `familyname`, column `ppm.1930_2008`) publishes it. The 136 most frequent, and four of two characters.
 */
export const SURNAMES: readonly (readonly [name: string, perMillion: number])[] = table(`
  王 74862 李 73703 张 70329 刘 53056 陈 45548 杨 33689 黄 23483 赵 21113 吴 19990 周 19626 徐 14972
  孙 14555 朱 13210 马 13077 胡 12035 郭 11500 何 10737 高 10429 罗 9862 林 9824 郑 9119 梁 8389
  谢 7467 宋 7319 唐 7150 韩 6426 许 6403 冯 6340 邓 6240 曹 6199 彭 5900 曾 5653 肖 5453 田 5429
  董 5335 袁 5207 于 5143 潘 5115 蒋 4933 杜 4855 蔡 4851 余 4807 程 4697 魏 4640 叶 4609 吕 4519
  丁 4513 苏 4494 任 4335 沈 4242 姚 4175 姜 4144 卢 4068 崔 4026 钟 3945 谭 3797 汪 3784 范 3759
  陆 3714 金 3687 石 3539 廖 3483 贾 3465 夏 3333 付 3275 方 3168 韦 3130 邹 3061 白 3036 熊 3016
  孟 2995 秦 2981 邱 2753 尹 2706 江 2690 薛 2663 闫 2604 侯 2583 段 2519 雷 2469 史 2228 龙 2226
  陶 2201 顾 2155 贺 2148 黎 2118 郝 2095 毛 2081 邵 2060 龚 2058 万 2006 钱 1933 武 1896 严 1896
  戴 1865 孔 1801 向 1786 覃 1751 常 1741 汤 1736 莫 1682 康 1638 文 1608 温 1604 牛 1593 代 1593
  赖 1586 洪 1550 葛 1525 施 1521 邢 1496 安 1465 樊 1411 齐 1389 乔 1362 易 1352 庞 1309 倪 1266
  伍 1266 鲁 1253 聂 1244 章 1198 岳 1182 颜 1178 殷 1162 翟 1155 申 1150 耿 1090 欧 1072 庄 1052
  左 1048 焦 1047 兰 1047 关 1033 俞 1011 柳 1001 欧阳 684 上官 52 司徒 28 诸葛 27
`)

/** Characters of given names, by sex and by the fashion of the years. */
const GIVEN = {
  male: {
    old: [...'建国华明军志文平德庆福生荣贵忠义海林春光永祥树金发胜利新成保民宝山东有才'],
    new: [...'伟强磊洋勇涛超刚杰鹏浩宇轩博睿泽子豪晨俊辰逸凯鑫昊天佳一航嘉奕铭皓然思源'],
  },
  female: {
    old: [...'秀英兰玉桂珍芳凤梅素淑香莲翠花红爱琴霞月荣清云美菊彩惠春娥巧'],
    new: [...'静丽敏娟艳婷雪慧颖倩欣怡佳琪梦雨涵诗萱子悦妍彤琳瑶思语晨可依菲蕊'],
  },
} as const

const SURNAME_ENDS = SURNAMES.reduce<number[]>((ends, [, weight]) => [...ends, (ends.at(-1) ?? 0) + weight], [])

/** A surname by its real frequency. */
export function surname(random: BulkRandom): string {
  const at = random.integer(SURNAME_ENDS.at(-1)!)
  let low = 0
  let high = SURNAME_ENDS.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (SURNAME_ENDS[middle]! > at) high = middle
    else low = middle + 1
  }
  return SURNAMES[low]![0]
}

/** A given name as people of that sex, born in that year, have. */
export function givenName(random: BulkRandom, sex: 'male' | 'female', year: number): string {
  const from = GIVEN[sex][year < 1975 ? 'old' : 'new']
  const one = random.pick(from)
  return random.integer(5) === 0 ? one : one + random.pick(from)
}

function table(text: string): [string, number][] {
  const words = text.trim().split(/\s+/)
  return Array.from({ length: words.length / 2 }, (_one, at) => [words[2 * at]!, Number(words[2 * at + 1])])
}
