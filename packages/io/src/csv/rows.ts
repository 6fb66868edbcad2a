// Text as rows of cells, batch by batch: Papa Parse splits, and finds the delimiter where none is given.
// Y. Shafranovich, Common Format and MIME Type for CSV Files, RFC 4180, 2005.

import { AdjointError } from '@adjoint/core'
import type { ByteSource, TransferOptions } from '../api.js'
import { chunksOf } from '../bytes/source.js'
import { corrupt } from '../errors.js'

/** Options that say how text becomes cells. */
export interface CsvTextOptions extends TransferOptions {
  /** What stands between cells, such as `,`, `;` or a tab. @defaultValue what the first rows suggest */
  readonly delimiter?: string
  /** What begins lines to be left out, such as `#`. @defaultValue none */
  readonly comments?: string
  /** The encoding, by a name that `TextDecoder` knows. @defaultValue 'utf-8' */
  readonly encoding?: string
}

/** Characters that are parsed together. */
const BATCH = 1 << 18
/** A quotation mark without its partner makes the rest of a file one record. */
const MAX_RECORD = 1 << 26

interface Parsed {
  readonly data: readonly (readonly string[])[]
  readonly errors: readonly { readonly message: string; readonly row?: number }[]
  readonly meta: { readonly cursor: number }
}

/** The rows of a file in batches; blank lines are rows of one empty cell. */
export async function* rowsOf(
  fn: string,
  source: ByteSource,
  { delimiter, comments, encoding = 'utf-8', ...transfer }: CsvTextOptions,
): AsyncGenerator<readonly (readonly string[])[]> {
  const { default: papa } = await import('papaparse')
  if (delimiter !== undefined && (delimiter === '' || papa.BAD_DELIMITERS.includes(delimiter))) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: `delimiter: ${JSON.stringify(delimiter)}`,
      expected: 'text between cells, neither a quotation mark nor the end of a line',
    })
  }
  let parser: InstanceType<typeof papa.Parser> | undefined
  let rest = ''
  let wanted = BATCH
  let count = 0
  for await (const { text, last } of textOf(fn, source, encoding, transfer)) {
    rest += text
    if (rest.length < wanted && !last) continue
    parser ??= new papa.Parser(configOf(papa, rest.slice(0, BATCH), delimiter, comments))
    const { data, errors, meta }: Parsed = parser.parse(rest, 0, !last)
    if (errors.length > 0) throw corrupt(fn, `${errors[0].message} in row ${count + (errors[0].row ?? 0) + 1}`, 'CSV')
    rest = last ? '' : rest.slice(meta.cursor)
    wanted = Math.max(BATCH, 2 * rest.length)
    if (rest.length > MAX_RECORD) {
      throw corrupt(fn, `row ${count + data.length + 1} of more than ${MAX_RECORD} characters`, 'closed quotations')
    }
    count += data.length
    if (data.length > 0) yield data
  }
}

type Papa = typeof import('papaparse')

function configOf(papa: Papa, sample: string, delimiter: string | undefined, comments: string | undefined) {
  const { meta } = papa.parse<string[]>(sample, { delimiter, comments, preview: 10, skipEmptyLines: true })
  return { delimiter: meta.delimiter, newline: meta.linebreak as '\n', comments }
}

async function* textOf(fn: string, source: ByteSource, encoding: string, transfer: TransferOptions) {
  const decoder = makeDecoder(fn, encoding)
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch (cause) {
      throw new AdjointError('corrupt-data', {
        fn,
        given: `bytes that are not ${encoding}`,
        expected: `text in ${encoding}`,
        fix: "Say what it is, for instance { encoding: 'windows-1252' }",
        cause,
      })
    }
  }
  for await (const chunk of chunksOf(fn, source, transfer)) yield { text: decode(chunk), last: false }
  yield { text: decode(), last: true }
}

function makeDecoder(fn: string, encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch (cause) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: `encoding: ${JSON.stringify(encoding)}`,
      expected: 'an encoding of TextDecoder, such as utf-8 or windows-1252',
      cause,
    })
  }
}
