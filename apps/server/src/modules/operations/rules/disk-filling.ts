import { statfs } from 'node:fs/promises'
import { alertRule, platformFinding } from '../alert-rule.ts'

const FREE_PERCENT_MIN = 10
const GIB = 1024 ** 3

/** The data folder is nearly full: below the reserve, uploads are refused already. */
export const diskFilling = alertRule({
  name: 'disk_filling',
  words: { zh: '磁盘空间不足', en: 'Disk filling up' },
  level: 1,
  advice: {
    zh: '清理或扩容数据目录所在磁盘；空间低于保留值时平台会拒收批次',
    en: 'Free or add space where the data folder lies; below the reserve the platform refuses segments',
  },
  openAfterMs: 0,
  incidentAfterMs: 0,
  async find(look) {
    const { objectsDir, reserveBytes } = look.services.settings
    const { bavail, blocks, bsize } = await statfs(objectsDir)
    const free = bavail * bsize
    const percent = Math.floor((100 * bavail) / blocks)
    if (free >= reserveBytes && percent >= FREE_PERCENT_MIN) return []
    const left = (free / GIB).toFixed(1)
    return [
      platformFinding(
        look,
        { id: 'data', zh: '平台数据目录', en: 'Data folder of the platform' },
        { zh: `剩余 ${left} GB（${percent}%）`, en: `${left} GB left (${percent} %)` },
      ),
    ]
  },
})
