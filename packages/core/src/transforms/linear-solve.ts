// linearSolve: the solution of a linear system given by products, differentiated by further solves of the same system.
// M. Blondel et al., Efficient and Modular Implicit Differentiation, NeurIPS 2022.

import { bind } from '../bind.js'
import { withConstants } from '../control/constant.js'
import { batchedProgram, transposedProgram } from '../control/derived.js'
import { AdjointError } from '../error.js'
import type { MaybeZero, Primitive } from '../primitive.js'
import { everyLane } from '../primitives/rules.js'
import { evaluateProgram, programPrimitive } from '../program/evaluate.js'
import { newVariable, type Program } from '../program/program.js'
import { traceProgram } from '../program/trace.js'
import { type Aval, formatAval, sameShape, typeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { Closed } from '../trace/record.js'
import { addMaybe, filled, present } from '../trace/zeros.js'
import { flatten, matching, type Structure, type TensorsOf, unflatten } from '../tree.js'
import { leafTensor } from './flat.js'
import { jvpFlat } from './linearize-flat.js'

/**
 * Solves a linear system given as a function: returns x with `matvec(x) = b`. Trees are shaped like the solution.
 * `transposed` says that it is the transposed system, which a preconditioner has to know.
 */
export type LinearSolve<X> = (matvec: (x: X) => X, b: X, transposed: boolean) => X

/** Options of `linearSolve`. */
export interface LinearSolveOptions {
  /** The system is its own transpose: reverse mode solves it again. @defaultValue false */
  readonly symmetric?: boolean
  /** `solve` returns `[x, aux]`: aux, any pytree of tensors, is constant to derivatives. @defaultValue false */
  readonly hasAux?: boolean
}

/** A system with its method, as Programs. */
interface System {
  /** constants, x -> A x. */
  readonly matvec: Program
  /** constants, what the method captured, b -> x, aux. */
  readonly solve: Program
}

interface SolveParams extends System {
  readonly transposed: () => System
  /** Inputs before b: the system's constants, and what the method captured. */
  readonly consts: number
  readonly lifted: number
}

/**
 * x with `matvec(x) = b`, differentiable without looking into the solver: derivatives are solves of the same system,
 * reverse mode solves the transposed one.
 *
 * @param matvec - a linear function
 * @param b - the right-hand side, any pytree
 * @param solve - the method; what it captures is constant to derivatives
 * @throws AdjointError `tree-mismatch` or `shape-mismatch` unless products and solution are shaped like `b`
 * @example
 * const diagonal = tensor([2, 4])
 * const x = linearSolve((v: Tensor) => v.mul(diagonal), tensor([2, 8]), (_, b) => b.div(diagonal))   // [1, 2]
 */
export function linearSolve<X, A>(
  matvec: (x: X) => X,
  b: X,
  solve: (...given: Parameters<LinearSolve<X>>) => readonly [x: X, aux: A],
  options: LinearSolveOptions & { readonly hasAux: true },
): { x: TensorsOf<X>; aux: TensorsOf<A> }
export function linearSolve<X>(
  matvec: (x: X) => X,
  b: X,
  solve: LinearSolve<X>,
  options?: LinearSolveOptions,
): TensorsOf<X>
export function linearSolve<X>(
  matvec: (x: X) => X,
  b: X,
  solve: (...given: Parameters<LinearSolve<X>>) => unknown,
  { symmetric = false, hasAux = false }: LinearSolveOptions = {},
): unknown {
  const { leaves, structure } = flatten(b)
  const right = leaves.map(leafTensor)
  const { backend } = right[0]
  const flat = (x: unknown) => matching('linearSolve', structure, x).map(leafTensor)
  const whole = (xs: readonly Tensor[]) => unflatten(structure, xs) as X
  const product = traceProgram((xs) => flat(matvec(whole(xs))), right, backend)
  checkLike('a product', product.program.outputs, right)
  const consts = product.captured.length
  const types = [...product.program.inputs.slice(0, consts), ...right]
  let found: Structure | undefined
  const method = (system: Program, transposed: boolean): Closed => {
    const run = (inputs: readonly Tensor[]) => {
      const apply = (v: X) => whole(evaluateProgram(system, [...inputs.slice(0, consts), ...flat(v)]))
      const result = solve(apply, whole(inputs.slice(consts)), transposed)
      const [x, aux] = hasAux ? (result as readonly [unknown, unknown]) : [result, null]
      const extra = flatten(aux)
      found ??= extra.structure
      return [...flat(x), ...extra.leaves.map(leafTensor)]
    }
    const closed = traceProgram(run, types, backend)
    checkLike('a solution', closed.program.outputs, right)
    return closed
  }
  const forward = method(product.program, false)
  const flip = lazy(() => {
    const matrix = transposedProgram(
      product.program,
      [...types.keys()].map((i) => i >= consts),
    )
    return { matrix, closed: method(matrix, true) }
  })
  // Tracers die with their transformation: a method that captured some is traced for both systems now.
  const early = !symmetric && forward.captured.some((x) => x.trace !== null) ? attempted(flip) : undefined
  const lifted = [...new Set([...forward.captured, ...(early?.closed.captured ?? [])])]
  const system: System = { matvec: product.program, solve: liftedProgram(forward, lifted, consts) }
  const params: SolveParams = {
    ...system,
    consts,
    lifted: lifted.length,
    transposed: lazy(() => {
      if (symmetric) return system
      const { matrix, closed } = flip()
      return { matvec: matrix, solve: liftedProgram(closed, lifted, consts) }
    }),
  }
  const results = bind(solvePrimitive, [...product.captured, ...lifted, ...right], params)
  const x = unflatten(structure, results.slice(0, right.length))
  return hasAux ? { x, aux: unflatten(found as Structure, results.slice(right.length)) } : x
}

/** The Program with inputs for the lifted tensors after its first ones; what else it captured stays inside. */
function liftedProgram({ program, captured }: Closed, lifted: readonly Tensor[], consts: number): Program {
  const rest = captured.flatMap((x, i) => (lifted.includes(x) ? [] : [i]))
  const own = program.inputs.slice(captured.length)
  const places = lifted.map((x) => program.inputs[captured.indexOf(x)] ?? newVariable(x))
  return withConstants({
    captured: rest.map((i) => captured[i]),
    program: {
      ...program,
      inputs: [...rest.map((i) => program.inputs[i]), ...own.slice(0, consts), ...places, ...own.slice(consts)],
    },
  })
}

function checkLike(what: string, values: readonly Aval[], right: readonly Aval[]): void {
  const wrong = right.findIndex((b, i) => !sameShape(values[i].shape, b.shape) || values[i].dtype !== b.dtype)
  if (wrong < 0) return
  throw new AdjointError('shape-mismatch', {
    fn: 'linearSolve',
    given: `${what} ${formatAval(values[wrong])}`,
    expected: `${formatAval(right[wrong])}, as the right-hand side`,
  })
}

/** Makes it when it is first asked for; a failure is kept as well. */
function lazy<T>(make: () => T): () => T {
  let outcome: { value: T } | { error: unknown } | undefined
  return () => {
    try {
      outcome ??= { value: make() }
    } catch (error) {
      outcome = { error }
    }
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
}

/** The value, unless it fails: who needs it later gets the error. */
function attempted<T>(value: () => T): T | undefined {
  try {
    return value()
  } catch {
    return undefined
  }
}

/** constants, captured by the method, b -> x, aux; x is linear in b. */
const solvePrimitive: Primitive<SolveParams> = /* @__PURE__ */ programPrimitive<SolveParams>(
  'linearSolve',
  ({ solve }) => solve,
  {
    shape: (_, { solve }) => solve.outputs.map(typeOf),
    jvpWithOutputs: (primals, tangents, params) => {
      const { matvec, consts, lifted } = params
      const start = consts + lifted
      const outputs = bind(solvePrimitive, primals, params)
      const x = outputs.slice(0, primals.length - start)
      const fixed = primals.slice(0, start)
      // A x = b gives A dx = db - dA x.
      const apply = (cs: readonly Tensor[]) => evaluateProgram(matvec, [...cs, ...x])
      const { tangents: moved } = jvpFlat(apply, fixed.slice(0, consts), tangents.slice(0, consts))
      const right = tangents.slice(start).map((db, i) => addMaybe(db, moved[i]?.neg() ?? null))
      const flat = outputs.map((): MaybeZero => null)
      if (present(right).length === 0) return { outputs, tangents: flat }
      const pushed = bind(solvePrimitive, [...fixed, ...filled(right, x)], params)
      return { outputs, tangents: [...pushed.slice(0, x.length), ...flat.slice(x.length)] }
    },
    transpose: (cotangents, inputs, params) => {
      const { matvec, solve, transposed, consts, lifted } = params
      const start = consts + lifted
      const fixed = inputs.slice(0, start).map((x) => (x.linear ? null : x.value) as Tensor)
      const types = inputs.slice(start).map((x) => x.aval)
      const back = { ...params, ...transposed(), transposed: () => ({ matvec, solve }) }
      const results = bind(solvePrimitive, [...fixed, ...filled(cotangents, types)], back)
      return [...fixed.map((): MaybeZero => null), ...results.slice(0, types.length)]
    },
    vmap: (inputs, batched, size, params) => {
      const { consts, lifted, transposed } = params
      const start = consts + lifted
      const marks = batched.map((on, i) => on || i >= start)
      const ofMatrix = marks.filter((_, i) => i < consts || i >= start)
      const lanes = ({ matvec, solve }: System): System => ({
        matvec: batchedProgram(matvec, ofMatrix, size),
        solve: batchedProgram(solve, marks, size),
      })
      const operands = inputs.map((x, i) => everyLane(x, batched[i] || !marks[i], size))
      return bind(solvePrimitive, operands, {
        ...params,
        ...lanes(params),
        transposed: lazy(() => lanes(transposed())),
      })
    },
  },
)
