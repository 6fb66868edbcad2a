// The loops of a fused group: which domain axes every access walks with which stride, and which axes can be one loop.

import type { Equation } from '../program/program.js'
import { type Shape, stridesOf } from '../shape.js'
import type { AxisMap, Group } from './group.js'
import { roleOf } from './group.js'
import type { Scalar } from './ir.js'
import { int, plus, times, variable } from './scalar.js'

/** A loop over one or more neighbouring axes of the domain. */
export interface Loop {
  readonly name: string
  readonly size: number
  /** The axes it covers, outermost first. */
  readonly axes: readonly number[]
}

/** Strides of a value in memory, by domain axis. */
export type Access = ReadonlyMap<number, number>

/** How an operand of an equation lies on the domain. */
export function operandAxes(group: Group, equation: Equation, k: number): AxisMap {
  const atom = equation.inputs[k]
  const own = group.axes.get(atom)
  if (own !== undefined) return own
  const output = group.axes.get(equation.outputs[0]) as AxisMap
  const { shape } = atom
  switch (equation.primitive.name) {
    case 'transpose': {
      const { permutation } = equation.params as { permutation: readonly number[] }
      const axes = new Array<number>(shape.length)
      permutation.forEach((axis, i) => {
        axes[axis] = output[i]
      })
      return axes
    }
    case 'reshape': {
      const real = output.filter((a) => a >= 0)
      return shape.map((n) => (n === 1 ? -1 : (real.shift() as number)))
    }
    default:
      if (roleOf(equation) === 'reduction') return reducedOperand(group, equation, shape, output)
      return shape.map((n, i) => (n === 1 ? -1 : output[output.length - shape.length + i]))
  }
}

/** An operand from outside runs along the domain in order: its reduction started the group. */
function reducedOperand(group: Group, { params }: Equation, shape: Shape, output: AxisMap): AxisMap {
  const { axes } = params as { axes: readonly number[] }
  const kept = [...output]
  const reduced = [...(group.reduced ?? [])]
  return shape.map((n, i) => {
    if (!axes.includes(i)) return kept.shift() as number
    return n === 1 ? -1 : (reduced.shift() as number)
  })
}

/** The strides of a row-major value. */
export function accessOf(shape: Shape, axes: AxisMap): Access {
  const strides = stridesOf(shape)
  const out = new Map<number, number>()
  axes.forEach((axis, i) => {
    if (axis >= 0) out.set(axis, strides[i])
  })
  return out
}

/** Neighbouring axes that every access walks as one, merged. */
export function mergedLoops(
  axes: readonly number[],
  group: Group,
  accesses: readonly Access[],
  prefix: string,
): Loop[] {
  const pinned = new Set(group.equations.filter((e) => e.primitive.name === 'iota').map((e) => iotaAxis(group, e)))
  const runs: number[][] = []
  for (const axis of axes) {
    const run = runs[runs.length - 1]
    const before = run?.[run.length - 1]
    const joins =
      before !== undefined &&
      !pinned.has(axis) &&
      !pinned.has(before) &&
      accesses.every((a) => (a.get(before) ?? 0) === (a.get(axis) ?? 0) * group.domain[axis])
    if (joins) run.push(axis)
    else runs.push([axis])
  }
  return runs.map((run, i) => ({
    name: `${prefix}${i}`,
    size: run.reduce((n, axis) => n * group.domain[axis], 1),
    axes: run,
  }))
}

/** The domain axis that an iota counts. */
export function iotaAxis(group: Group, equation: Equation): number {
  const { axis } = equation.params as { axis: number }
  return (group.axes.get(equation.outputs[0]) as AxisMap)[axis]
}

/** The flat index of an access at the current point of the loops. */
export function indexOf(access: Access, loops: readonly Loop[]): Scalar {
  let index: Scalar = int(0)
  for (const { name, axes } of loops) {
    const stride = access.get(axes[axes.length - 1]) ?? 0
    if (stride !== 0) index = plus(index, times(variable(name), stride))
  }
  return index
}
