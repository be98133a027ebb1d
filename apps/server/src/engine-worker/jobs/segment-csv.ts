const MIB = 1024 * 1024
const LINE_BYTES_MAX = 32 * MIB
const LINE_BYTES_MIN = 2 * MIB

/** The dialect of a segment, spelled out so that nothing is guessed from the content; its columns are texts `c0`, `c1` … by their place. */
export function readCsv(path: string, columns: readonly unknown[], plainBytes: number): string {
  const types = columns.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ')
  const lineBytes = Math.min(LINE_BYTES_MAX, Math.max(LINE_BYTES_MIN, plainBytes))
  const options = [
    `columns = {${types}}`,
    `auto_detect = false, header = false, strict_mode = true, null_padding = false, ignore_errors = false`,
    `delim = ',', quote = '"', escape = '"', comment = '', new_line = '\\n'`,
    `nullstr = '', allow_quoted_nulls = false`,
    `max_line_size = ${lineBytes}, buffer_size = ${lineBytes * 2}`,
    `compression = '${path.endsWith('.zst') ? 'zstd' : 'none'}'`,
  ]
  return `read_csv('${path.replaceAll("'", "''")}', ${options.join(', ')})`
}
