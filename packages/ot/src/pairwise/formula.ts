// Functions of one pair of points, and the functions that their derivatives are: again functions of one pair.
// The idea is that of B. Charlier et al., Kernel Operations on the GPU, with Autodiff, without Memory Overflows, 2021.

import { jvp, type Tensor, vjp } from '@adjoint/core'
import { filled } from '../filled.js'

/** A function of what belongs to a row, to a column, and to all pairs; traceable. */
export type Formula = (rows: readonly Tensor[], columns: readonly Tensor[], shared: readonly Tensor[]) => Tensor

/** How many of the inputs of a pairwise primitive belong to rows and to columns; the rest are shared. */
export interface Layout {
  readonly rows: number
  readonly columns: number
}

/** Inputs by what they belong to. */
export function parted<T>(inputs: readonly T[], { rows, columns }: Layout): [T[], T[], T[]] {
  return [inputs.slice(0, rows), inputs.slice(rows, rows + columns), inputs.slice(rows + columns)]
}

/** The formula as a function of its inputs in one list. */
function flat(formula: Formula, layout: Layout): (inputs: readonly Tensor[]) => Tensor {
  return (inputs) => formula(...parted(inputs, layout))
}

const derived = new WeakMap<Formula, Map<string, Formula>>()

/** Derived formulas are made once, because compiled code is found by them. */
function once(formula: Formula, key: string, make: () => Formula): Formula {
  const known = derived.get(formula) ?? new Map<string, Formula>()
  derived.set(formula, known)
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

/** Inputs with the marked tangents behind those of their kind, and where each now is. */
export function withTangents<T>(
  inputs: readonly T[],
  tangents: readonly (T | null)[],
  layout: Layout,
): { inputs: T[]; layout: Layout } {
  const groups = parted(inputs, layout)
  const moves = parted(tangents, layout).map((group) => group.filter((t): t is T => t !== null))
  return {
    inputs: groups.flatMap((group, k) => [...group, ...moves[k]]),
    layout: { rows: layout.rows + moves[0].length, columns: layout.columns + moves[1].length },
  }
}

/** The directional derivative, a formula of the inputs and the marked tangents, laid out as by `withTangents`. */
export function jvpFormula(formula: Formula, layout: Layout, active: readonly boolean[]): Formula {
  return once(formula, `jvp ${layout.rows} ${layout.columns} ${active.map(Number)}`, () => (...groups) => {
    const marks = parted(active, layout)
    const primals = groups.flatMap((group, k) => group.slice(0, marks[k].length))
    const moves = groups.flatMap((group, k) => group.slice(marks[k].length))
    const wrt = active.flatMap((on, i) => (on ? [i] : []))
    const moving = (...xs: Tensor[]) =>
      flat(formula, layout)(primals.map((x, i) => (active[i] ? xs[wrt.indexOf(i)] : x)))
    const at = wrt.map((i) => primals[i])
    return jvp(moving, at, moves).tangent
  })
}

/**
 * The cotangent of one of the inputs in which the formula is linear: a formula of the other inputs and the cotangent of
 * the result, which stands last among the rows.
 *
 * @param linear - which inputs are linear; they are left out
 * @param target - the one whose cotangent is wanted
 */
export function transposedFormula(
  formula: Formula,
  layout: Layout,
  linear: readonly boolean[],
  target: number,
  shapes: readonly (readonly number[])[],
): Formula {
  const key = `transpose ${layout.rows} ${layout.columns} ${linear.map(Number)} ${target} ${JSON.stringify(shapes)}`
  return once(formula, key, () => (rows, columns, shared) => {
    const cotangent = rows[rows.length - 1]
    const known = [...rows.slice(0, -1), ...columns, ...shared]
    const blank = (i: number) => filled(cotangent, shapes[i], 0)
    let next = 0
    const values = linear.map((on, i) => (on ? blank(i) : known[next++]))
    const along = (x: Tensor): Tensor => flat(formula, layout)(values.map((v, i) => (i === target ? x : v)))
    return vjp(along, values[target]).pull(cotangent)[0]
  })
}

const swaps = new WeakMap<Formula, Formula>()

/** The formula with rows and columns exchanged. */
export function swapped(formula: Formula): Formula {
  const found = swaps.get(formula) ?? ((rows, columns, shared) => formula(columns, rows, shared))
  swaps.set(formula, found)
  return found
}
