// Element-wise kernels from a primitive's scalar rule: one loop per dtype and broadcast pattern, printed as code.

import type { CpuKernelFactory } from '@adjoint/core'
import type { Scalar, ScalarRule, Statement } from '@adjoint/core/codegen'
import { broadcastStrides, int, plus, stridesOf, variable } from '@adjoint/core/codegen'
import { compileLoops, declare, independent, load, loop, newBuilder, store, times } from '../loops/builder.js'
import { along, collapse, nest } from '../loops/walk.js'

/** A factory for any primitive with a scalar rule. */
export function elementwise<P extends object>(name: string, rule: ScalarRule<P>): CpuKernelFactory<P> {
  return (api, { inputs, outputs, params }) => {
    const [{ shape, dtype }] = outputs
    const builder = newBuilder()
    const strides = [...inputs.map((x) => broadcastStrides(x.shape, shape)), stridesOf(shape)]
    const walk = collapse({ shape, strides })
    const inner = walk.shape.length - 1
    const length = builder.number(inner < 0 ? 1 : walk.shape[inner])
    const innermost = walk.strides.map((s) => (inner < 0 ? 1 : s[inner]))
    const steps = innermost.map((n) => builder.number(n))
    const outer = along(
      walk,
      walk.shape.slice(0, Math.max(inner, 0)).map((_, i) => i),
    )

    const row = (at: readonly Scalar[]): Statement[] => {
      const repeated: Statement[] = []
      const operand = (k: number, index: Scalar): Scalar => {
        const value = load(k, index, inputs[k].dtype)
        if (innermost[k] !== 0) return value
        const known = builder.name()
        repeated.push(declare(known, value))
        return variable(known, inputs[k].dtype)
      }
      const target = inputs.length
      const body = loop(builder, int(0), length, 1, (i) => {
        const operands = inputs.map((_, k) => operand(k, plus(at[k], times(i, steps[k]))))
        return [store(target, plus(at[target], times(i, steps[target])), rule(operands, params, dtype))]
      })
      return [...repeated, independent(body)]
    }
    const body = nest(
      builder,
      outer,
      strides.map(() => int(0)),
      row,
      independent,
    )
    return compileLoops(api, name, [...inputs.map((x) => x.dtype), dtype], inputs.length, builder, body)
  }
}
