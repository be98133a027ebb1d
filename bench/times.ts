/** Milliseconds that something takes. */
export async function timed<T>(act: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const begun = performance.now()
  const value = await act()
  return { ms: performance.now() - begun, value }
}

/** The value below which 95 of 100 lie. */
export function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
}
