import { SaxesParser } from 'saxes'
import { ConnectorError } from '../errors.ts'
import { RECORD_BYTES_MAX } from '../field-rows.ts'

/** Is told of what an XML text holds; names are as written. */
export interface XmlHandler {
  /** `line` from 1. */
  open(name: string, attributes: Record<string, string>, line: number): void
  close(name: string): void
  text(text: string): void
}

/**
 * Feed a text through the XML parser piece by piece. Document types are refused, so no entity can be defined, and none
 * is fetched.
 * @throws ConnectorError `file_refused`, `bad_file` with the line.
 */
export async function* parseXml(
  text: AsyncIterable<string>,
  part: string,
  handler: XmlHandler,
): AsyncGenerator<void, void, undefined> {
  const parser = new SaxesParser({ xmlns: false })
  const here = () => ({ place: { line: parser.line } })
  parser.on('doctype', () => {
    throw new ConnectorError('file_refused', `${part} has a document type`, here())
  })
  parser.on('error', () => {
    throw new ConnectorError('bad_file', `${part} is not well-formed XML`, here())
  })
  // The parser keeps a text or a tag until it ends: what grows without an event is a bomb.
  let pending = 0
  const heard =
    <A extends unknown[]>(tell: (...args: A) => void) =>
    (...args: A) => {
      pending = 0
      tell(...args)
    }
  parser.on(
    'opentag',
    heard((tag) => handler.open(tag.name, tag.attributes as Record<string, string>, parser.line)),
  )
  parser.on(
    'closetag',
    heard((tag) => handler.close(tag.name)),
  )
  parser.on(
    'text',
    heard((found: string) => handler.text(found)),
  )
  parser.on(
    'cdata',
    heard((found: string) => handler.text(found)),
  )
  for await (const piece of text) {
    pending += piece.length
    parser.write(piece)
    if (pending > RECORD_BYTES_MAX) {
      throw new ConnectorError('file_refused', `${part} has a text or a tag that does not end`, here())
    }
    yield
  }
  parser.close()
}
