import { readTemplate, setTemplate, type RequestStep } from '@huitong/contract/catalogue'
import { describe, expect, test } from 'vitest'
import { clientOf, usePlatform } from '../../../../../tests/harness/platform.ts'
import { agreeUpTo, askFor, publishDataset, requestFor, VILLAGES } from './testing/content.ts'

const ALL: RequestStep[] = [
  'head_sign',
  'form_check',
  'authority_accept',
  'provider_answer',
  'provider_sign',
  'centre_configure',
  'applicant_confirm',
]

describe('request templates', () => {
  const platform = usePlatform()
  const params = { attribute: 'conditional' as const }
  const read = async () => (await platform.as('authority')).call(readTemplate, { params })
  const set = async (steps: RequestStep[], client?: ReturnType<typeof clientOf>) => {
    const { version } = await read()
    return (client ?? (await platform.as('authority'))).call(
      setTemplate,
      { params, body: { steps } },
      { match: version },
    )
  }

  test('200: a shorter chain for new requests; running ones keep theirs', async () => {
    const { id } = await publishDataset(platform, VILLAGES)
    const running = await askFor(platform, requestFor(id))
    const legal = ALL.filter((step) => step !== 'form_check' && step !== 'authority_accept')
    const template = await set([...legal].reverse())
    expect(template.steps.map((one) => one.step)).toEqual(legal)
    const next = await askFor(platform, requestFor(id))
    expect(next.steps.map((one) => one.step)).toEqual(legal)
    expect((await agreeUpTo(platform, next, 'provider_answer')).deadline?.rule).toBe('D4')
    expect((await agreeUpTo(platform, running, 'form_check')).steps).toHaveLength(7)
    await set(ALL)
  })

  test('409: the steps that the regulation asks for cannot be left out; each is named with its article', async () => {
    for (const step of ['head_sign', 'provider_answer', 'provider_sign'] as const)
      await expect(set(ALL.filter((one) => one !== step))).rejects.toMatchObject({
        code: 'request.step_required',
        status: 409,
        places: [{ path: '/steps', problem: { zh: expect.stringContaining('政务数据共享条例') } }],
      })
    await expect(set(['form_check'])).rejects.toMatchObject({ places: [{}, {}, {}] })
    expect((await read()).steps.map((one) => one.step)).toEqual(ALL)
  })

  test('400: steps that do not exist or stand twice', async () => {
    await expect(set([...ALL, 'mayor_signs' as never])).rejects.toMatchObject({ status: 400 })
    await expect(set(['head_sign', 'head_sign'])).rejects.toMatchObject({ places: [{ path: '/steps' }] })
  })

  test('401, 403, 412, 428: the authority alone, on the version that was read', async () => {
    const { version } = await read()
    await expect(set(ALL, clientOf(platform.server))).rejects.toMatchObject({ status: 401 })
    await expect(set(ALL, await platform.as('centre'))).rejects.toMatchObject({ status: 403 })
    const authority = await platform.as('authority')
    const input = { params, body: { steps: ALL } }
    await expect(authority.call(setTemplate, input, { match: version + 1 })).rejects.toMatchObject({ status: 412 })
    await expect(authority.call(setTemplate, input)).rejects.toMatchObject({ status: 428 })
    await expect(clientOf(platform.server).call(readTemplate, { params })).rejects.toMatchObject({ status: 401 })
    await expect((await platform.as('auditor')).call(readTemplate, { params })).rejects.toMatchObject({ status: 403 })
  })

  test('400: there is no chain for data that are not shared', async () => {
    const authority = await platform.as('authority')
    await expect(authority.call(readTemplate, { params: { attribute: 'refused' as never } })).rejects.toMatchObject({
      places: [{ path: '#/params/attribute' }],
    })
  })
})
