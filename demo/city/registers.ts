import { existsSync } from 'node:fs'
import type { City } from './city.ts'
import { makeBenefits, type BenefitRow } from './benefits.ts'
import { connectAs, inDatabase, type DatabasesFile } from './databases.ts'
import { demoFile } from './files.ts'
import { makeFirms, type EnterpriseRow } from './firms.ts'
import { makeLicences, type LicenceRow } from './licences.ts'
import { makePeople, type PopulationRow, type Village } from './people.ts'
import { spoilPeople } from './population-dirt.ts'
import type { CitySize } from './size.ts'
import { BENEFIT, ENTERPRISE, fillTable, LICENCE, POPULATION } from './tables.ts'
import { Truth } from './truth.ts'

/** The synthetic registers of the city, with everything that is wrong in them. */
export interface Registers {
  readonly population: readonly PopulationRow[]
  readonly benefit: readonly BenefitRow[]
  readonly enterprise: readonly EnterpriseRow[]
  readonly licence: readonly LicenceRow[]
  readonly truth: Truth
}

export const TRUTH_FILE = 'dirt-truth.jsonl'

/** Makes all rows; they depend on the seed, the sizes and the villages alone. */
export function makeRegisters(city: City, size: Omit<CitySize, 'villages'>, villages: readonly Village[]): Registers {
  const truth = new Truth()
  const { seed } = city
  const people = makePeople(seed, size.persons, villages)
  spoilPeople(seed, people, truth)
  const benefit = makeBenefits(seed, people, truth)
  const firms = makeFirms(seed, size.firms, { city: city.division.name, villages, people, truth })
  const authority = city.departments.find((one) => one.key === 'shichang')!.name
  const licence = makeLicences(seed, firms, authority, truth)
  const population = people.map((one) => one.row)
  return { population, benefit, enterprise: firms.map((one) => one.row), licence, truth }
}

/** Fills the front databases of three departments, and writes what is wrong in them. Safe to repeat. */
export async function fillRegisters(
  superuserUrl: string,
  given: { city: City; size: CitySize; dataDir: string; databases: DatabasesFile },
): Promise<void> {
  const { city, size, dataDir, databases } = given
  const truthFile = demoFile(dataDir, TRUTH_FILE)
  let made: Registers | undefined
  const villages = await villagesOf(superuserUrl, databases, city)
  const rows = (): Registers => (made ??= makeRegisters(city, size, villages))
  if (!existsSync(truthFile)) rows().truth.write(truthFile)
  const { provider, gongan, shichang } = databases
  await connectAs(inDatabase(superuserUrl, gongan.database), (client) =>
    fillTable(client, POPULATION, gongan.user, () => records(rows().population)),
  )
  await connectAs(inDatabase(superuserUrl, provider.database), (client) =>
    fillTable(client, BENEFIT, provider.user, () => records(rows().benefit)),
  )
  await connectAs(inDatabase(superuserUrl, shichang.database), async (client) => {
    await fillTable(client, ENTERPRISE, shichang.user, () => records(rows().enterprise))
    await fillTable(client, LICENCE, shichang.user, () => records(rows().licence))
  })
}

type Fields = Readonly<Record<string, string | null>>
const records = (rows: readonly object[]): readonly Fields[] => rows as readonly Fields[]

/** The city's villages that the civil affairs table holds; the province's when a small table holds none of them. */
async function villagesOf(superuserUrl: string, { provider }: DatabasesFile, city: City): Promise<Village[]> {
  return connectAs(inDatabase(superuserUrl, provider.database), async (client) => {
    const within = async (prefix: string): Promise<Village[]> => {
      const found = await client.query<Village>(
        `select code, name, street, area_code as "areaCode", area from public.villages
         where area_code = any ($1) or ($1 is null and starts_with(code, $2)) order by code collate "C"`,
        [prefix === '' ? city.counties.map((one) => one.code) : null, prefix],
      )
      return found.rows
    }
    const own = await within('')
    return own.length > 0 ? own : within(city.province.code.slice(0, 2))
  })
}
