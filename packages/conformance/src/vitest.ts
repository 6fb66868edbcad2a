// The checks as vitest tests: `@adjoint/conformance/vitest`.

import type { Backend, Primitive } from '@adjoint/core'
import { describe, it } from 'vitest'
import type { PrimitiveCase } from './cases/case.js'
import { type BackendSuiteOptions, backendChecks } from './suites/backend.js'
import type { Check } from './suites/check.js'
import { type PrimitiveSuiteOptions, primitiveChecks } from './suites/primitive.js'

function register(title: string, checks: readonly Check[]): void {
  describe(title, () => {
    for (const { name, run } of checks) it(name, run)
  })
}

/**
 * Registers the tests of a primitive; see `primitiveChecks`.
 *
 * @param cases - sample calls; `unaryCases` and `binaryCases` make them for element-wise primitives
 */
export function testPrimitive(
  primitive: Primitive,
  cases: readonly PrimitiveCase[],
  options?: PrimitiveSuiteOptions,
): void {
  register(`primitive ${primitive.name}`, primitiveChecks(primitive, cases, options))
}

/**
 * Registers the tests of a backend; see `backendChecks`.
 *
 * @param make - called once, when the first test runs; it may return a promise
 */
export function testBackend(name: string, make: () => Backend | Promise<Backend>, options?: BackendSuiteOptions): void {
  register(`backend ${name}`, backendChecks(make, options))
}
