// A fused group: equations computed in one kernel over a common domain of axes.

import type { Atom, Equation, Variable } from '../program/program.js'
import type { Shape } from '../shape.js'
import { sameShape } from '../shape.js'
import type { FusionLimits } from './tier.js'

/** For each axis of a value, the axis of the group's domain that it runs along; -1 where it has length 1. */
export type AxisMap = readonly number[]

/** Equations of one kernel. Values without reduced axes are computed once per point of the others. */
export interface Group {
  /** Lengths of the domain's axes. */
  readonly domain: readonly number[]
  /** Axes that reductions remove; every reduction of a group removes exactly these. */
  readonly reduced: readonly number[] | null
  readonly equations: readonly Equation[]
  readonly axes: ReadonlyMap<Atom, AxisMap>
}

/** What an equation is to fusion. */
export type Role = 'elementwise' | 'movement' | 'reduction' | 'iota' | 'other'

const REDUCTIONS = ['reduceSum', 'reduceProd', 'reduceMax', 'reduceMin']

/** How an equation takes part in fusion. */
export function roleOf({ primitive, inputs, outputs }: Equation): Role {
  if (primitive.scalar !== undefined) return 'elementwise'
  if (primitive.name === 'iota') return 'iota'
  if (primitive.name === 'broadcast' || primitive.name === 'transpose') return 'movement'
  if (primitive.name === 'reshape')
    return sameShape(withoutOnes(inputs[0].shape), withoutOnes(outputs[0].shape)) ? 'movement' : 'other'
  return REDUCTIONS.includes(primitive.name) ? 'reduction' : 'other'
}

function withoutOnes(shape: Shape): Shape {
  return shape.filter((n) => n !== 1)
}

/** A group of one equation. */
export function startGroup(equation: Equation): Group {
  const isReduction = roleOf(equation) === 'reduction'
  const shape = isReduction ? equation.inputs[0].shape : equation.outputs[0].shape
  const domain: number[] = []
  const whole = shape.map((n) => (n === 1 ? -1 : domain.push(n) - 1))
  const empty: Group = { domain, reduced: null, equations: [], axes: new Map() }
  if (!isReduction) return { ...empty, equations: [equation], axes: new Map([[equation.outputs[0], whole]]) }
  const { reduced, output } = reductionAxes(equation, whole)
  return { domain, reduced, equations: [equation], axes: new Map([[equation.outputs[0], output]]) }
}

function reductionAxes({ params }: Equation, input: AxisMap): { reduced: number[]; output: AxisMap } {
  const { axes } = params as { axes: readonly number[] }
  return {
    reduced: axes
      .map((axis) => input[axis])
      .filter((a) => a >= 0)
      .sort((a, b) => a - b),
    output: input.filter((_, i) => !axes.includes(i)),
  }
}

/** The group with an equation added, or null where it does not fit the domain. */
export function extendGroup(group: Group, equation: Equation): Group | null {
  const grown = place(group, equation)
  if (grown === null) return null
  const axes = new Map(group.axes)
  axes.set(equation.outputs[0], grown.output)
  return { ...group, reduced: grown.reduced, equations: [...group.equations, equation], axes }
}

interface Placed {
  readonly output: AxisMap
  readonly reduced: readonly number[] | null
}

function place(group: Group, equation: Equation): Placed | null {
  const { inputs, outputs } = equation
  switch (roleOf(equation)) {
    case 'reduction': {
      const input = group.axes.get(inputs[0])
      if (input === undefined || !coversDomain(group, input)) return null
      const { reduced, output } = reductionAxes(equation, input)
      const fits = group.reduced === null ? true : sameShape(group.reduced, reduced)
      return fits ? { output, reduced } : null
    }
    case 'movement':
      return moved(group, equation)
    case 'elementwise': {
      const output = unify(group, inputs, outputs[0].shape)
      return output === null ? null : { output, reduced: group.reduced }
    }
    default:
      return null
  }
}

function coversDomain({ domain }: Group, axes: AxisMap): boolean {
  return axes.filter((a) => a >= 0).length === domain.length
}

function moved(group: Group, { primitive, inputs, outputs, params }: Equation): Placed | null {
  const input = group.axes.get(inputs[0])
  if (input === undefined) return null
  const { shape } = outputs[0]
  const { reduced } = group
  if (primitive.name === 'transpose')
    return { output: (params as { permutation: readonly number[] }).permutation.map((a) => input[a]), reduced }
  if (primitive.name === 'reshape') {
    const real = input.filter((a) => a >= 0)
    return { output: shape.map((n) => (n === 1 ? -1 : (real.shift() as number))), reduced }
  }
  const output = unify(group, inputs, shape)
  return output === null ? null : { output, reduced }
}

/** The axis map of a broadcast result: operands of the group must agree, and new axes must be the reduced ones. */
function unify(group: Group, inputs: readonly Atom[], shape: Shape): AxisMap | null {
  const output: number[] = shape.map(() => -1)
  for (const atom of inputs) {
    const own = group.axes.get(atom)
    if (own === undefined) continue
    const lead = shape.length - own.length
    for (let i = 0; i < own.length; i++) {
      if (own[i] < 0) continue
      if (output[lead + i] >= 0 && output[lead + i] !== own[i]) return null
      output[lead + i] = own[i]
    }
  }
  const taken = new Set(output)
  if (output.filter((a) => a >= 0).length !== [...taken].filter((a) => a >= 0).length) return null
  for (let i = 0; i < shape.length; i++) {
    if (output[i] >= 0 || shape[i] === 1) continue
    const free = group.reduced?.find((a) => !taken.has(a) && group.domain[a] === shape[i])
    if (free === undefined) return null
    output[i] = free
    taken.add(free)
  }
  return isLevel(group, output) ? output : null
}

/** Values live on the whole domain, or on all of it but the reduced axes. */
function isLevel({ domain, reduced }: Group, axes: AxisMap): boolean {
  const count = axes.filter((a) => a >= 0).length
  if (count === domain.length) return true
  return reduced !== null && count === domain.length - reduced.length && axes.every((a) => !reduced.includes(a))
}

/** Two groups as one, or null where their domains differ. Both must stand on equal axes in equal order. */
export function mergeGroups(a: Group, b: Group): Group | null {
  if (!sameShape(a.domain, b.domain)) return null
  if (a.reduced !== null && b.reduced !== null && !sameShape(a.reduced, b.reduced)) return null
  const reduced = a.reduced ?? b.reduced
  return {
    domain: a.domain,
    reduced,
    equations: [...a.equations, ...b.equations],
    axes: new Map([...a.axes, ...b.axes]),
  }
}

/** Values read from outside, in order of use. */
export function groupInputs({ equations }: Group): Variable[] {
  const made = new Set<Atom>(equations.flatMap((e) => e.outputs))
  const out = new Set<Variable>()
  for (const { inputs } of equations)
    for (const atom of inputs) if (atom.kind === 'variable' && !made.has(atom)) out.add(atom)
  return [...out]
}

/** Whether a group may still grow within the backend's limits. */
export function withinLimits(group: Group, limits: FusionLimits): boolean {
  return group.equations.length <= limits.operations && groupInputs(group).length < limits.buffers
}
