import { lookup as resolve, type LookupAddress } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Addresses that no service of a department has: this machine, its link, and what is no single machine at all. */
const NEVER = new BlockList()
NEVER.addSubnet('0.0.0.0', 8, 'ipv4')
NEVER.addSubnet('127.0.0.0', 8, 'ipv4')
NEVER.addSubnet('169.254.0.0', 16, 'ipv4')
NEVER.addSubnet('224.0.0.0', 3, 'ipv4') // multicast, reserved, broadcast
NEVER.addAddress('::', 'ipv6')
NEVER.addAddress('::1', 'ipv6')
NEVER.addSubnet('fe80::', 10, 'ipv6')
NEVER.addSubnet('ff00::', 8, 'ipv6')
NEVER.addSubnet('64:ff9b::', 96, 'ipv6') // IPv4 behind a translator
NEVER.addSubnet('2002::', 16, 'ipv6')

/** An IPv4 address that is written as an IPv6 one. */
const mapped = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address

const own = (address: string): boolean =>
  Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address))

/** Whether the platform itself, or nobody in particular, is reached at the address. */
export function isForbidden(given: string): boolean {
  const address = mapped(given)
  const family = isIP(address)
  // What is still written as a mapped address (in hexadecimal) is none that anybody needs.
  if (family === 0 || /^::ffff:/i.test(address)) return true
  return NEVER.check(address, family === 4 ? 'ipv4' : 'ipv6') || own(address)
}

export class ForbiddenAddress extends Error {}

type Done = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * Looks a host up for a connection, and refuses it when any of its addresses is forbidden: the check is of the very
 * addresses that are connected to, so that a name cannot answer one thing to the check and another to the connection.
 */
export function guardedLookup(allowed: ReadonlySet<string>) {
  return (host: string, options: object, done: Done): void => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '')
      const list = addresses as LookupAddress[]
      if (!allowed.has(host) && list.some((one) => isForbidden(one.address)))
        return done(new ForbiddenAddress(host), '')
      if ((options as { all?: boolean }).all) return done(null, list)
      done(null, list[0]!.address, list[0]!.family)
    })
  }
}

/** The base address as it is kept, or null: `http(s)`, a host that may be asked, a path without end slash, nothing else. */
export function baseAddressOf(text: string, allowed: ReadonlySet<string>): string | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !allowed.has(host) && isForbidden(host)) return null
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** Where somebody else decides which hosts may be asked. */
export const ANY_HOST: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true })

export const allowedHosts = (setting: string): ReadonlySet<string> =>
  new Set(setting.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()])))
