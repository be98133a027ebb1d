import { isEngineUp } from '../../../engine-worker/is-up.ts'
import { alertRule, platformFinding } from '../alert-rule.ts'

/** The engine does not answer; segments wait for verification until it is back. */
export const engineDown = alertRule({
  name: 'engine_down',
  words: { zh: '计算引擎停止', en: 'Engine down' },
  level: 1,
  advice: {
    zh: '平台会自动拉起计算引擎；持续停止时查看日志中的内存与磁盘错误',
    en: 'The platform restarts it by itself; when it stays down, see the log for memory or disk errors',
  },
  openAfterMs: 20_000,
  incidentAfterMs: 30_000,
  async find(look) {
    if (await isEngineUp(look.services.settings.engineSocket)) return []
    return [
      platformFinding(
        look,
        { id: 'engine', zh: '计算引擎', en: 'Engine' },
        { zh: '没有应答', en: 'It does not answer' },
      ),
    ]
  },
})
