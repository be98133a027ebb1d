import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Report } from './job.ts'

const SCHEMA = join(import.meta.dirname, '../report.schema.json')

/** Where a report departs from `demo/report.schema.json`; empty when it conforms. */
export function checkReport(report: Report): string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
  const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object)
  if (validate(report)) return []
  return (validate.errors ?? []).map((one) => `${one.instancePath || '/'} ${one.message ?? one.keyword}`)
}
