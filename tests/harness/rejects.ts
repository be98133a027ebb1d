import { type Reject, type Rejected, REJECTS_INFO } from '@huitong/contract/work'
import { encodeBox, sealBox } from '@huitong/segment'
import type { TestPlatform } from './platform.ts'

/** What stands in each of {@link sealRejects}' records. */
export const REJECTED_CONTENT = '张三,330102199001011234,?'

export const rejectAt = (line: number): Reject => ({
  file: '名册.csv',
  line,
  column: '数量',
  reason: { zh: '不是整数', en: 'Not a value of the type integer' },
  raw: `${line},${REJECTED_CONTENT}`,
  cut: false,
})

/** Three records of a run as a node seals them, in two boxes. */
export async function sealRejects(platform: TestPlatform, stream: string, generation: number): Promise<Rejected> {
  const key = platform.server.services.keys.sealing.publicKey.toString('base64')
  const box = async (first: number, lines: number[]) => {
    const text = lines.map((line) => `${JSON.stringify(rejectAt(line))}\n`).join('')
    const sealed = await sealBox(key, Buffer.from(text), {
      info: REJECTS_INFO,
      aad: `${stream}/${generation}/${first}`,
    })
    return { first, rows: lines.length, box: encodeBox(sealed) }
  }
  return { rows: '3', boxes: [await box(0, [3, 7]), await box(2, [9])] }
}
