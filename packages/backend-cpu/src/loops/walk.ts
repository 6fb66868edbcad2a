// Strided walks: several operands visited together along the axes of one index space, axes merged where memory allows.

import type { Scalar, Statement } from '@adjoint/core/codegen'
import { int, plus } from '@adjoint/core/codegen'
import { type Builder, loop, named, times } from './builder.js'

/** An index space and, for each operand, the distance of neighbours along each of its axes. */
export interface Walk {
  readonly shape: readonly number[]
  readonly strides: readonly (readonly number[])[]
}

/** The same walk with as few axes as possible: those of length 1 dropped, those adjacent in every operand merged. */
export function collapse({ shape, strides }: Walk): Walk {
  const lengths: number[] = []
  const steps: number[][] = strides.map(() => [])
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis]
    if (n === 1) continue
    const last = lengths.length - 1
    if (last >= 0 && strides.every((s, k) => steps[k][last] === s[axis] * n)) {
      lengths[last] *= n
      steps.forEach((s, k) => {
        s[last] = strides[k][axis]
      })
    } else {
      lengths.push(n)
      steps.forEach((s, k) => {
        s.push(strides[k][axis])
      })
    }
  }
  return { shape: lengths, strides: steps }
}

/** The walk along some of its axes only, in the given order. */
export function along({ shape, strides }: Walk, axes: readonly number[]): Walk {
  return { shape: axes.map((i) => shape[i]), strides: strides.map((s) => axes.map((i) => s[i])) }
}

/** Nested loops over a walk from the given positions, each made by `of`; `body` gets the position of every operand. */
export function nest(
  builder: Builder,
  { shape, strides }: Walk,
  from: readonly Scalar[],
  body: (at: readonly Scalar[]) => readonly Statement[],
  of: (loop: Statement) => Statement = (plain) => plain,
): Statement[] {
  const lengths = shape.map((n) => builder.number(n))
  const steps = strides.map((s) => s.map((n) => builder.number(n)))
  const level = (axis: number, at: readonly Scalar[]): Statement[] => {
    if (axis === shape.length) return [...body(at)]
    const next = (i: Scalar) => at.map((x, k) => plus(x, times(i, steps[k][axis])))
    return [of(loop(builder, int(0), lengths[axis], 1, (i) => nameAll(builder, next(i), (a) => level(axis + 1, a))))]
  }
  return level(0, from)
}

function nameAll(
  builder: Builder,
  values: readonly Scalar[],
  body: (values: readonly Scalar[]) => readonly Statement[],
  done: readonly Scalar[] = [],
): Statement[] {
  if (done.length === values.length) return [...body(done)]
  return named(builder, values[done.length], (value) => nameAll(builder, values, body, [...done, value]))
}
