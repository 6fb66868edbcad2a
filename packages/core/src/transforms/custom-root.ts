// Implicit differentiation: solutions of equations, differentiated by one linear solve instead of through the solver.
// M. Blondel et al., Efficient and Modular Implicit Differentiation, NeurIPS 2022.

import { bind } from '../bind.js'
import { withConstants } from '../control/constant.js'
import { batchedProgram, transposedProgram } from '../control/derived.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { everyLane } from '../primitives/rules.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { traceProgram } from '../program/trace.js'
import type { Tensor } from '../tensor.js'
import { addMaybe, filled, present } from '../trace/zeros.js'
import { flatten, map, type TensorsOf, unflatten } from '../tree.js'
import { customJvp } from './custom-derivatives.js'
import { jvp } from './derivatives.js'
import { leafTensor } from './flat.js'
import { jvpFlat } from './linearize-flat.js'

/** Solves a linear system given as a function: returns x with `matvec(x) = b`. Trees are shaped like the solution. */
export type LinearSolve<X> = (matvec: (x: X) => X, b: X) => X

/** What defines an implicit function. */
export interface RootOptions<X, P extends unknown[]> {
  /** Zero at the solution; shaped like it. */
  readonly residual: (x: X, ...params: P) => X
  /** Finds the solution; never differentiated, so it may loop. */
  readonly solve: (...params: P) => X
  /** Solves the linear systems of the derivatives; it is traced, and batched under vmap. */
  readonly linearSolve: LinearSolve<X>
}

/**
 * The solution of `residual(x, ...params) = 0` as a function of the parameters, to any order of derivative.
 *
 * @example
 * const root = customRoot({
 *   residual: (x: Tensor, a: Tensor) => x.mul(x).sub(a),
 *   solve: (a: Tensor) => a.sqrt(),
 *   linearSolve: (matvec, b) => b.div(matvec(onesLike(b))),
 * })
 * grad(root)(tensor(4)).item()   // 0.25
 */
export function customRoot<X, P extends unknown[]>({
  residual,
  solve,
  linearSolve: solver,
}: RootOptions<X, P>): (...params: P) => TensorsOf<X> {
  const root: (...params: P) => TensorsOf<X> = customJvp(
    (...params: P) => solve(...params),
    (args, tangents) => {
      const params = args as unknown as P
      // The root itself once more: it is differentiated to any order.
      const x = root(...params) as X
      const { tangent: shift } = jvp((...p: P) => residual(x, ...p), params, tangents as unknown as P)
      const matvec = (v: X) => jvp((y: X) => residual(y, ...params), [x], [v]).tangent as X
      return {
        value: x,
        tangent: linearSolve(
          matvec,
          map((leaf: Tensor) => leaf.neg(), shift as X),
          solver,
        ) as X,
      }
    },
  )
  return root
}

interface SolveParams {
  /** constants, x -> A x. */
  readonly matvec: Program
  /** constants, b -> x. */
  readonly solve: Program
  /** The same for the transposed system, traced when it is first needed. */
  readonly transposed: () => Pick<SolveParams, 'matvec' | 'solve'>
  readonly consts: number
}

/**
 * x with `matvec(x) = b`, differentiable without looking into the solver: derivatives are solves of the same system,
 * reverse mode solves the transposed one.
 *
 * @param matvec - a linear function
 * @param b - the right-hand side, any pytree
 * @param solve - the method
 * @example
 * const diagonal = tensor([2, 4])
 * const x = linearSolve((v: Tensor) => v.mul(diagonal), tensor([2, 8]), (_, b) => b.div(diagonal))   // [1, 2]
 */
export function linearSolve<X>(matvec: (x: X) => X, b: X, solve: LinearSolve<X>): TensorsOf<X> {
  const { leaves, structure } = flatten(b)
  const right = leaves.map(leafTensor)
  const { backend } = right[0]
  const flat = (value: X) => flatten(value).leaves.map(leafTensor)
  const whole = (xs: readonly Tensor[]) => unflatten(structure, xs) as X
  const { program, captured } = traceProgram((xs) => flat(matvec(whole(xs))), right, backend)
  const consts = captured.length
  const solver = (system: Program): Program => {
    const run = (inputs: readonly Tensor[]) => {
      const apply = (v: X) => whole(evaluateProgram(system, [...inputs.slice(0, consts), ...flat(v)]))
      return flat(solve(apply, whole(inputs.slice(consts))))
    }
    return withConstants(traceProgram(run, [...program.inputs.slice(0, consts), ...right], backend))
  }
  const params: SolveParams = {
    matvec: program,
    solve: solver(program),
    consts,
    transposed: lazy(() => {
      const flipped = transposedProgram(
        program,
        program.inputs.map((_, i) => i >= consts),
      )
      return { matvec: flipped, solve: solver(flipped) }
    }),
  }
  return unflatten(structure, bind(solvePrimitive, [...captured, ...right], params)) as TensorsOf<X>
}

function lazy<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** constants, b -> x; linear in b. */
const solvePrimitive: Primitive<SolveParams> = /* @__PURE__ */ definePrimitive<SolveParams>('linearSolve', {
  shape: (inputs, { consts }) => inputs.slice(consts).map(({ shape, dtype }) => ({ shape, dtype })),
  program: ({ solve }) => solve,
  run: (inputs, { solve }) => evaluateProgram(solve, inputs),
  jvpWithOutputs: (primals, tangents, params) => {
    const { matvec, consts } = params
    const outputs = bind(solvePrimitive, primals, params)
    const fixed = primals.slice(0, consts)
    // A x = b gives A dx = db - dA x.
    const apply = (cs: readonly Tensor[]) => evaluateProgram(matvec, [...cs, ...outputs])
    const { tangents: moved } = jvpFlat(apply, fixed, tangents.slice(0, consts))
    const right = tangents.slice(consts).map((db, i) => addMaybe(db, moved[i]?.neg() ?? null))
    if (present(right).length === 0) return { outputs, tangents: right }
    return { outputs, tangents: bind(solvePrimitive, [...fixed, ...filled(right, outputs)], params) }
  },
  transpose: (cotangents, inputs, params) => {
    const { consts, matvec, solve, transposed } = params
    const fixed = inputs.slice(0, consts).map((x) => (x.linear ? null : x.value) as Tensor)
    const cts = filled(
      cotangents,
      inputs.slice(consts).map((x) => x.aval),
    )
    const back = { ...transposed(), consts, transposed: () => ({ matvec, solve }) }
    const results = bind(solvePrimitive, [...fixed, ...cts], back)
    return [...fixed.map((): MaybeZero => null), ...results]
  },
  vmap: (inputs, batched, size, params) => {
    const { consts, transposed } = params
    const marks = batched.map((on, i) => on || i >= consts)
    const lanes = ({ matvec, solve }: Pick<SolveParams, 'matvec' | 'solve'>) => ({
      matvec: batchedProgram(matvec, marks, size),
      solve: batchedProgram(solve, marks, size),
    })
    const operands = inputs.map((x, i) => everyLane(x, batched[i] || !marks[i], size))
    return bind(solvePrimitive, operands, { ...lanes(params), consts, transposed: lazy(() => lanes(transposed())) })
  },
})
