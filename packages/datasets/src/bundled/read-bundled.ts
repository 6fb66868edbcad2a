// Reads a file that ships with the package; where it is not, the usual cause is a bundler that left it behind.

import { AdjointError } from '@adjoint/core'
import { platform } from '#platform'

/** The bytes of a bundled file. @throws AdjointError `missing-data` */
export async function readBundled(fn: string, url: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await platform.bundled(url)
  } catch (cause) {
    throw new AdjointError('missing-data', {
      fn,
      given: `${url.href}: ${cause instanceof Error ? cause.message : String(cause)}`,
      expected: 'the data file that ships with @adjoint/datasets',
      fix: 'Reinstall the package, or let the bundler copy files named by new URL(…, import.meta.url)',
      cause,
    })
  }
}
