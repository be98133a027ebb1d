import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | null = null

/** Bytes that are held, garbage left out: on the heap, or in buffers. Collecting takes a tenth of a second. */
export function heldBytes(where: 'heapUsed' | 'arrayBuffers'): number {
  if (collect === null) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return process.memoryUsage()[where]
}
