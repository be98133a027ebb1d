import type { BodyOf } from '@huitong/contract'
import type { createProxiedService } from '@huitong/contract/gateway'

type Body = BodyOf<typeof createProxiedService>
type Operation = Body['operations'][number]
export const PARAMETER_TYPES = ['text', 'integer', 'decimal', 'date', 'boolean'] as const

/** An operation as it stands in the form: schemas are texts. */
export interface DesignOperation extends Omit<Operation, 'name' | 'body' | 'reply'> {
  readonly name: string
  readonly body?: string
  readonly reply: string
}

/** A proxied service as it stands in the form. */
export interface Design extends Pick<Body, 'datasetId' | 'code' | 'baseUrl' | 'timeoutMs'> {
  readonly name: string
  readonly nodeId?: string
  readonly replyKiB: number
  readonly credentialHeader?: string
  readonly credentialValue?: string
  readonly operations: readonly DesignOperation[]
}

/** Whether the text is an object in JSON; the server looks at the rest and names the place. */
export function schemaProblem(text: string): 'json' | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'json'
  } catch {
    return 'json'
  }
}

const schemaOf = (text: string) => JSON.parse(text) as Operation['reply']

/** What is sent for a form that was filled in. */
export function bodyOfDesign(design: Design): Body {
  const { datasetId, code, name, baseUrl, timeoutMs, replyKiB, nodeId, credentialHeader, credentialValue } = design
  return {
    datasetId,
    code,
    name: { zh: name },
    baseUrl: baseUrl.trim(),
    timeoutMs,
    replyBytesMax: replyKiB * 1024,
    operations: design.operations.map((one) => ({
      ...one,
      name: { zh: one.name },
      parameters: one.parameters.map((parameter) => ({ ...parameter, required: parameter.required === true })),
      body: one.method === 'POST' && one.body ? schemaOf(one.body) : null,
      reply: schemaOf(one.reply),
    })),
    ...(nodeId ? { nodeId } : {}),
    ...(credentialHeader && credentialValue
      ? { credential: { header: credentialHeader.trim(), value: credentialValue } }
      : {}),
  }
}
