// The one error for data that is not what its name says, so that every reader words it alike.

import { AdjointError } from '@adjoint/core'

/** An error that says what was wrong in which file. */
export function corrupt(fn: string, file: string, found: string, expected: string, cause?: unknown): AdjointError {
  return new AdjointError('corrupt-data', {
    fn,
    given: `${file} with ${found}`,
    expected,
    fix: `Replace ${file} by an intact copy: reinstall the package, or fetch the file again`,
    cause,
  })
}
