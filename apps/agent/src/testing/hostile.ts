import type { ReadInput } from '@huitong/contract/work'
import { run } from './exchange.ts'

/** Columns of {@link hostileTable}: each type whose values are easily spoilt on the way. */
export function hostileColumns(): ReadInput['columns'] {
  const column = (field: string, type: string, nullable = true) => ({
    item: `item_${field}`,
    field,
    as: field === 'order' ? '排序' : field,
    type,
    nullable,
  })
  return [
    column('id', 'bigint', false),
    column('name', 'varchar(128)'),
    column('amount', 'numeric(38,18)'),
    column('ratio', 'double'),
    column('born', 'date'),
    column('seen', 'timestamptz'),
    column('local', 'timestamp(3)'),
    column('flag', 'boolean'),
    column('raw', 'bytea'),
    column('doc', 'jsonb'),
    column('uid', 'uuid'),
    column('order', 'text'),
    column('address', 'text'),
    column('code', 'char(6)'),
  ]
}

/** SQL that makes a table whose values break naive exchange. */
export function hostileTable(rows: number, name = 'hostile'): string {
  return `
CREATE TABLE ${name} (id bigint PRIMARY KEY, name varchar(128), amount numeric(38,18), ratio double precision, born date,
  seen timestamptz, local timestamp(3), flag boolean, raw bytea, doc jsonb, uid uuid, "order" text, address inet,
  code char(6));
INSERT INTO ${name}
SELECT 9007199254740993 + n,
  (ARRAY['张三', '', NULL, E'a"b,c\\nd\\r', '𠮷\uE000龘', ' 前后 ', '\\N', '\\.', 'NULL', E'\\t'])[1 + n % 10],
  CASE WHEN n % 7 = 0 THEN 'NaN' ELSE (n::numeric * 12345678901234567) / 1000000000000000000 END,
  (ARRAY['NaN', 'Infinity', '-0', '1e-300', '0.1', NULL]::float8[])[1 + n % 6],
  (ARRAY['0001-01-01', '9999-12-31', '4713-01-01 BC', 'infinity', NULL]::date[])[1 + n % 5],
  timestamptz '1900-01-01 00:00:00.000001+08:05:43' + n * interval '17 minutes',
  timestamp '2024-02-29 23:59:59.999' + n * interval '1 second',
  (ARRAY[true, false, NULL])[1 + n % 3],
  decode(lpad(to_hex(n), 8, '0'), 'hex'),
  jsonb_build_object('中', n, 'q', 'a"b\\', 'big', 12345678901234567890123),
  md5(n::text)::uuid,
  repeat(md5(n::text), 1 + n % 40),
  ('10.0.' || n % 200 || '.1')::inet,
  (ARRAY['ab', '', 'abcdef', NULL])[1 + n % 4]
FROM generate_series(1, ${rows}) AS n`
}

/** SQL that gives {@link hostileTable} the fields by which a front database tells what changed. */
export const keepingConvention = (name = 'hostile') => `
ALTER TABLE ${name} ADD op char(1) NOT NULL DEFAULT 'I', ADD updated_at timestamptz NOT NULL DEFAULT now() - interval '1 day',
  ADD batch_no bigint NOT NULL DEFAULT 1;
ALTER TABLE ${name} ALTER updated_at SET DEFAULT clock_timestamp();
CREATE INDEX ON ${name} (updated_at)`

/** All rows of both ends as texts, one line per row, in order of key. */
export async function rowsOfBoth(
  sourceUrl: string,
  targetUrl: string,
  table = 'received',
  living = 'true',
): Promise<{ sent: string; received: string }> {
  const digest = (name: string, address: string, order: string, where = 'true') => `
    SET timezone = 'UTC'; SET extra_float_digits = 1;
    SELECT count(*) || ' ' || md5(string_agg(line, E'\\n' ORDER BY id)) AS all FROM (
      SELECT id, ROW(id, name, amount, ratio, born, seen, local, flag, raw, doc, uid, ${order}, ${address}, code)::text AS line
      FROM ${name} WHERE ${where}) AS lines`
  const [sent, received] = await Promise.all([
    run(sourceUrl, digest('hostile', 'address::text', '"order"', living)),
    run(targetUrl, digest(table, 'address', '"排序"')),
  ])
  return { sent: String(sent[0]!['all']), received: String(received[0]!['all']) }
}
