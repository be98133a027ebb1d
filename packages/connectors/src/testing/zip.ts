import { crc32, deflateRawSync } from 'node:zlib'

/** One entry to write; `lie` changes what the directories say. */
export interface WriteEntry {
  readonly name: string
  readonly data: Buffer | string
  readonly lie?: {
    readonly bytes?: number
    readonly crc?: number
    readonly localName?: string
    readonly flags?: number
  }
}

/** A ZIP archive, honest or not, for tests of its reader. */
export function writeZip(entries: readonly WriteEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data, lie = {} } of entries) {
    const plain = Buffer.from(data as string)
    const packed = deflateRawSync(plain)
    const head = (local: boolean): Buffer => {
      const nameBytes = Buffer.from(local ? (lie.localName ?? name) : name)
      const fixed = Buffer.alloc(local ? 30 : 46)
      const at = local ? 4 : 6
      fixed.writeUInt32LE(local ? 0x04034b50 : 0x02014b50, 0)
      fixed.writeUInt16LE(20, at)
      fixed.writeUInt16LE(lie.flags ?? 0, at + 2)
      fixed.writeUInt16LE(8, at + 4)
      fixed.writeUInt32LE(lie.crc ?? crc32(plain), at + 10)
      fixed.writeUInt32LE(packed.length, at + 14)
      fixed.writeUInt32LE(lie.bytes ?? plain.length, at + 18)
      fixed.writeUInt16LE(nameBytes.length, at + 22)
      if (!local) fixed.writeUInt32LE(offset, 42)
      return Buffer.concat([fixed, nameBytes])
    }
    const local = head(true)
    directory.push(head(false))
    parts.push(local, packed)
    offset += local.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'

/** The parts of a small workbook whose one sheet has this `sheetData`; `over` replaces or adds parts. */
export function workbookParts(sheetData: string, over: Readonly<Record<string, string>> = {}): WriteEntry[] {
  const parts: Record<string, string> = {
    '[Content_Types].xml': `<Types><Override PartName="/xl/workbook.xml" ContentType="${CONTENT}"/></Types>`,
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
    'xl/workbook.xml': '<workbook><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${sheetData}</sheetData></worksheet>`,
    ...over,
  }
  return Object.entries(parts).map(([name, data]) => ({ name, data }))
}
