// What must hold for a primitive: parity on each backend, derivatives, transposition, batching, compilation.

import { type Backend, bind, type Primitive, reference, stack, type Tensor } from '@adjoint/core'
import { type CaseInput, dtypesOf, type PrimitiveCase } from '../cases/case.js'
import { checkGrads } from '../checks/check-grads.js'
import { checkJit } from '../checks/check-jit.js'
import { checkVmap } from '../checks/check-vmap.js'
import { isFloat } from '../checks/close.js'
import type { Check } from './check.js'
import { apply, requireParity, subjectOf, tensorOf, tensorsOf } from './run-case.js'

/** Options of `primitiveChecks` and `testPrimitive`. */
export interface PrimitiveSuiteOptions {
  /** Where to run it; derivatives run on the first with float64. @defaultValue the reference backend */
  readonly backends?: readonly Backend[]
}

/** How many lanes a batch of a case has. */
const LANES = 3

/**
 * The checks of a primitive: parity with its reference rule and jit against eager on each backend, derivatives to the third
 * order in both modes where a case is smooth, and vmap against loops for every choice of batched operands.
 *
 * @example
 * for (const { run } of primitiveChecks(sinPrimitive, unaryCases(['float64'], [-2, 2]))) await run()
 */
export function primitiveChecks(
  primitive: Primitive,
  cases: readonly PrimitiveCase[],
  { backends = [reference] }: PrimitiveSuiteOptions = {},
): Check[] {
  const precise = backends.find((b) => b.dtypes.includes('float64')) ?? reference
  const smooth = cases.filter((c) => (c.smooth?.length ?? 0) > 0)
  const batched = cases.filter((c) => c.inputs.length > 0 && c.inputs.every((x) => x.dtype !== 'float32'))
  return [
    ...backends.flatMap((backend) => [parityCheck(primitive, cases, backend), jitCheck(primitive, cases, backend)]),
    ...(smooth.length === 0 ? [] : [derivativeCheck(primitive, smooth, precise)]),
    ...(batched.length === 0 || primitive.vmap === undefined ? [] : [vmapCheck(primitive, batched, precise)]),
  ]
}

/** The cases whose dtypes a backend holds. */
export function held(cases: readonly PrimitiveCase[], backend: Backend): readonly PrimitiveCase[] {
  return cases.filter((c) => dtypesOf(c).every((dtype) => backend.dtypes.includes(dtype)))
}

/** Outputs of all cases on a backend against the reference rule. */
function parityCheck(primitive: Primitive, cases: readonly PrimitiveCase[], backend: Backend): Check {
  return {
    name: `${primitive.name} on '${backend.name}' equals its reference`,
    run: async () => {
      for (const c of held(cases, backend)) await requireParity(primitive, c, backend)
    },
  }
}

/** Compiled against eager outputs of all cases on a backend. */
function jitCheck(primitive: Primitive, cases: readonly PrimitiveCase[], backend: Backend): Check {
  return {
    name: `${primitive.name} on '${backend.name}' under jit`,
    run: async () => {
      for (const c of held(cases, backend)) {
        const fn = (...xs: Tensor[]) => apply(primitive, c, xs, backend)
        await checkJit(fn, tensorsOf(c, backend), { name: subjectOf(primitive, c, backend), tolerance: c.tolerance })
      }
    },
  }
}

function derivativeCheck(primitive: Primitive, cases: readonly PrimitiveCase[], backend: Backend): Check {
  return {
    name: `${primitive.name} has right derivatives`,
    run: async () => {
      for (const c of cases) {
        const all = tensorsOf(widened(c, backend), backend)
        const smooth = c.smooth ?? []
        const fn = (...xs: Tensor[]) =>
          bind(
            primitive,
            all.map((x, i) => (smooth.includes(i) ? xs[smooth.indexOf(i)] : x)),
            c.params,
          )
        await checkGrads(
          fn,
          smooth.map((i) => all[i]),
          { order: c.order ?? 3, name: subjectOf(primitive, c, backend) },
        )
      }
    },
  }
}

/** The case in float64 where the backend has it: derivatives of one operand must not meet another in float32. */
function widened(c: PrimitiveCase, { dtypes }: Backend): PrimitiveCase {
  if (!dtypes.includes('float64')) return c
  return { ...c, inputs: c.inputs.map((x) => (x.dtype === 'float32' ? { ...x, dtype: 'float64' } : x)) }
}

function vmapCheck(primitive: Primitive, cases: readonly PrimitiveCase[], backend: Backend): Check {
  return {
    name: `${primitive.name} batches`,
    run: async () => {
      for (const c of held(cases, backend)) {
        for (let mask = 1; mask < 2 ** c.inputs.length; mask++) {
          const inAxes = c.inputs.map((_, i) => ((mask >> i) & 1 ? 0 : null))
          const args = c.inputs.map((x, i) => (inAxes[i] === null ? tensorOf(x, backend) : batchOf(x, backend)))
          const fn = (...xs: Tensor[]) => apply(primitive, c, xs, backend)
          await checkVmap(fn, args, {
            inAxes,
            name: `${subjectOf(primitive, c, backend)} with axes ${JSON.stringify(inAxes)}`,
          })
        }
      }
    },
  }
}

/** Lanes like an operand, all different from each other. */
function batchOf(x: CaseInput, backend: Backend): Tensor {
  const size = x.data.length
  const lane = (k: number) => x.data.map((_, i) => varied(x, x.data[(i + k) % size], k))
  return stack(Array.from({ length: LANES }, (_, k) => tensorOf({ ...x, data: lane(k) }, backend)))
}

/** Integers stay within their range, and permutations of it stay permutations. */
function varied({ dtype, data }: CaseInput, value: number, lane: number): number {
  if (isFloat(dtype)) return value * (1 + lane / 8)
  if (dtype === 'bool') return (value + lane) % 2
  const [least, greatest] = [Math.min(...data), Math.max(...data)]
  return least + ((value - least + lane) % (greatest - least + 1))
}
