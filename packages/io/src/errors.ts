// The errors that all formats share.

import { AdjointError } from '@adjoint/core'

/** Bytes that are not what they claim to be. */
export function corrupt(fn: string, given: string, expected: string, cause?: unknown): AdjointError {
  const fix = 'Copy or download the file again, in binary mode; check that it was written to its end'
  return new AdjointError('corrupt-data', { fn, given, expected, fix, cause })
}

/** A name that the file does not have. */
export function missingEntry(fn: string, name: string, names: readonly string[]): AdjointError {
  const some = names.length > 8 ? `${names.slice(0, 8).join(', ')}, ... (${names.length} in all)` : names.join(', ')
  return new AdjointError('missing-data', {
    fn,
    given: `the name '${name}'`,
    expected: names.length === 0 ? 'a file that holds arrays; this one is empty' : `one of ${some}`,
  })
}

/** A short form of text from a file, for messages. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)
}
