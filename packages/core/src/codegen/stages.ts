// When each value of a fused group can be computed: stage s is the s-th sweep over the reduced axes.

import type { Atom, Equation, Variable } from '../program/program.js'
import { type AxisMap, type Group, roleOf } from './group.js'

/** The schedule of a group. */
export interface Schedule {
  /** Sweeps over the reduced axes; at least one where values live on them. */
  readonly count: number
  /** The sweep that first computes a value of the whole domain, or after which one of the outer axes is known. */
  readonly stage: ReadonlyMap<Atom, number>
  /** Whether a value depends on the reduced axes. */
  isInner(atom: Atom): boolean
  /** Costly values that a later sweep needs again: stored once instead. */
  readonly spilled: readonly Variable[]
}

const COSTLY = new Set([
  'exp',
  'expm1',
  'log',
  'log1p',
  'sin',
  'cos',
  'tanh',
  'logistic',
  'pow',
  'atan2',
  'sqrt',
  'div',
])

/** Schedules a group. */
export function scheduleOf(group: Group, stored: readonly Variable[]): Schedule {
  const reduced = group.reduced ?? []
  const isInner = (atom: Atom) => (group.axes.get(atom) ?? ([] as AxisMap)).some((a) => reduced.includes(a))
  const stage = new Map<Atom, number>()
  let count = 0
  for (const equation of group.equations) {
    const [out] = equation.outputs
    const ready = equation.inputs.reduce((latest, atom) => Math.max(latest, stage.get(atom) ?? 0), 0)
    const sweeps = roleOf(equation) === 'reduction'
    stage.set(out, sweeps ? ready + 1 : ready)
    if (sweeps || isInner(out)) count = Math.max(count, ready + 1)
  }
  return { count, stage, isInner, spilled: spills(group, stage, isInner, stored) }
}

function spills(
  group: Group,
  stage: ReadonlyMap<Atom, number>,
  isInner: (atom: Atom) => boolean,
  stored: readonly Variable[],
): Variable[] {
  const costly = new Set<Atom>()
  const needed = new Set<Variable>()
  for (const equation of group.equations) {
    const [out] = equation.outputs
    const sweep = roleOf(equation) === 'reduction' ? (stage.get(out) as number) - 1 : (stage.get(out) as number)
    if (
      roleOf(equation) === 'elementwise' &&
      isInner(out) &&
      (COSTLY.has(equation.primitive.name) ||
        equation.inputs.some((a) => costly.has(a) && stage.get(a) === stage.get(out)))
    )
      costly.add(out)
    if (!isInner(out) && roleOf(equation) !== 'reduction') continue
    for (const atom of equation.inputs) {
      if (atom.kind === 'variable' && costly.has(atom) && (stage.get(atom) as number) < sweep && !stored.includes(atom))
        needed.add(atom)
    }
  }
  return [...needed]
}

/** The equation of each value of a group. */
export function equationsByOutput(group: Group): Map<Atom, Equation> {
  return new Map(group.equations.map((e) => [e.outputs[0] as Atom, e]))
}
