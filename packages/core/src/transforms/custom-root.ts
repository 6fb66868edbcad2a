// Implicit differentiation: solutions of equations, differentiated by one linear solve instead of through the solver.
// M. Blondel et al., Efficient and Modular Implicit Differentiation, NeurIPS 2022.

import { bind } from '../bind.js'
import { present } from '../control/call.js'
import { withConstants } from '../control/constant.js'
import { batchedProgram, transposedProgram } from '../control/derived.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { traceProgram } from '../program/trace.js'
import type { Tensor } from '../tensor.js'
import { addMaybe, instantiate } from '../trace/zeros.js'
import { flatten, type TensorsOf, unflatten } from '../tree.js'
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
  return customJvp(
    (...params: P) => solve(...params),
    (params, tangents) => {
      const x = root(...(params as unknown as P)) as X
      const { tangent: shift } = jvp(
        ((...p: P) => residual(x, ...p)) as (...p: unknown[]) => X,
        params as unknown[],
        tangents as unknown[],
      )
      const b = negative(shift)
      const matvec = (v: X) => jvp((y: X) => residual(y, ...(params as unknown as P)), [x], [v]).tangent as X
      return { value: x, tangent: linearSolve(matvec, b as X, solver) as X }
    },
  )
  function root(...params: P): TensorsOf<X> {
    return customRoot({ residual, solve, linearSolve: solver })(...params)
  }
}

function negative(value: unknown): unknown {
  const { leaves, structure } = flatten(value)
  return unflatten(
    structure,
    leaves.map((x) => leafTensor(x).neg()),
  )
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
  const closed = traceProgram(
    (xs) => flatten(matvec(unflatten(structure, xs) as X)).leaves.map(leafTensor),
    right,
    backend,
  )
  const consts = closed.captured.length
  const types = closed.program.inputs.slice(0, consts)
  const solver = (program: Program): Program =>
    withConstants(
      traceProgram(
        (inputs) => {
          const apply = (v: X) =>
            unflatten(
              structure,
              evaluateProgram(program, [...inputs.slice(0, consts), ...flatten(v).leaves.map(leafTensor)]),
            ) as X
          return flatten(solve(apply, unflatten(structure, inputs.slice(consts)) as X)).leaves.map(leafTensor)
        },
        [...types, ...right],
        backend,
      ),
    )
  const linear = closed.program.inputs.map((_, i) => i >= consts)
  const params: SolveParams = {
    matvec: closed.program,
    solve: solver(closed.program),
    consts,
    transposed: lazy(() => {
      const flipped = transposedProgram(closed.program, linear, backend)
      return { matvec: flipped, solve: solver(flipped) }
    }),
  }
  return unflatten(structure, bind(solvePrimitive, [...closed.captured, ...right], params)) as TensorsOf<X>
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
    const moved = jvpFlat(
      (cs) => evaluateProgram(matvec, [...cs, ...outputs]),
      fixed,
      tangents.slice(0, consts),
    ).tangents
    const right = tangents.slice(consts).map((db, i) => addMaybe(db, moved[i]?.neg() ?? null))
    if (present(right).length === 0) return { outputs, tangents: right }
    return {
      outputs,
      tangents: bind(solvePrimitive, [...fixed, ...right.map((r, i) => instantiate(r, outputs[i]))], params),
    }
  },
  transpose: (cotangents, inputs, params) => {
    const { consts, matvec, solve, transposed } = params
    const fixed = inputs.slice(0, consts).map((x) => (x.linear ? null : x.value) as Tensor)
    const cts = cotangents.map((ct, i) => instantiate(ct, inputs[consts + i].aval))
    const results = bind(solvePrimitive, [...fixed, ...cts], {
      ...transposed(),
      consts,
      transposed: () => ({ matvec, solve }),
    })
    return [...fixed.map((): MaybeZero => null), ...results]
  },
  vmap: (inputs, batched, size, params) => {
    const { consts, transposed } = params
    const marks = batched.map((on, i) => on || i >= consts)
    const { backend } = inputs[0]
    const lanes = ({ matvec, solve }: Pick<SolveParams, 'matvec' | 'solve'>) => ({
      matvec: batchedProgram(matvec, marks, size, backend),
      solve: batchedProgram(solve, marks, size, backend),
    })
    const operands = inputs.map((x, i) => (marks[i] && !batched[i] ? x.broadcastTo([size, ...x.shape]) : x))
    return bind(solvePrimitive, operands, { ...lanes(params), consts, transposed: lazy(() => lanes(transposed())) })
  },
})
