/** One line of a benchmark's output. `ratio` is ours ÷ native in speed, higher is better; null where there is no native. */
export interface Line {
  readonly bench: string
  readonly case: string
  readonly value: number
  readonly unit: string
  readonly native: number | null
  readonly native_name: string | null
  readonly ratio: number | null
  readonly gate: number
  readonly pass: boolean
}

export type Print = (line: Line) => void

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))

/** A speed held against a native tool. */
export function speedLine(
  bench: string,
  name: string,
  given: { rows: number; seconds: number; nativeSeconds: number; nativeName: string; gate: number },
): Line {
  const ratio = given.nativeSeconds / given.seconds
  return {
    bench,
    case: name,
    value: Math.round(given.rows / given.seconds),
    unit: 'rows/s',
    native: Math.round(given.rows / given.nativeSeconds),
    native_name: given.nativeName,
    ratio: rounded(ratio, 3),
    gate: given.gate,
    pass: ratio >= given.gate,
  }
}

/** A figure that must reach its gate, with what a native tool reached beside it; their ratio is context. */
export function floorLine(
  bench: string,
  name: string,
  given: { value: number; unit: string; native: number; nativeName: string; gate: number },
): Line {
  return {
    bench,
    case: name,
    value: Math.round(given.value),
    unit: given.unit,
    native: Math.round(given.native),
    native_name: given.nativeName,
    ratio: rounded(given.value / given.native, 3),
    gate: given.gate,
    pass: given.value >= given.gate,
  }
}

/** A figure that must stay at or below its gate. */
export function ceilingLine(bench: string, name: string, value: number, unit: string, gate: number): Line {
  return {
    bench,
    case: name,
    value: rounded(value, 2),
    unit,
    native: null,
    native_name: null,
    ratio: null,
    gate,
    pass: value <= gate,
  }
}
