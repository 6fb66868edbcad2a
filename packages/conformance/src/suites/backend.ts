// What must hold for a backend: all of it, or a declared capability less.

import type { Backend } from '@adjoint/core'
import { coreCases } from '../cases/core.js'
import { compositeChecks } from './backend-composites.js'
import { errorChecks } from './backend-errors.js'
import { backendPrimitiveChecks, type Subject } from './backend-primitives.js'
import { movingCheck, programChecks } from './backend-programs.js'
import { type Capabilities, withDefaults } from './capabilities.js'
import type { Check } from './check.js'

/** Options of `backendChecks` and `testBackend`. */
export interface BackendSuiteOptions {
  /** What the backend declares; everything by default. */
  readonly capabilities?: Capabilities
}

/**
 * The checks of a backend: every primitive in every dtype it holds against the reference, in strict mode; the same and whole
 * programs under jit, grad and vmap; control flow; reading; memory that balances; errors.
 *
 * @param make - called once, when the first check runs
 * @example
 * const checks = backendChecks(() => createCodegenTier())
 * checks.length > 100   // true
 */
export function backendChecks(
  make: () => Backend | Promise<Backend>,
  { capabilities = {} }: BackendSuiteOptions = {},
): Check[] {
  let made: Promise<Backend> | undefined
  const subject: Subject = {
    backend: () => {
      made ??= Promise.resolve(make())
      return made
    },
    capabilities: withDefaults(capabilities),
  }
  return [
    ...coreCases().flatMap((cases) => backendPrimitiveChecks(cases, subject)),
    ...programChecks(subject),
    ...compositeChecks(subject),
    movingCheck(subject),
    ...errorChecks(subject),
  ]
}
