// Functions with derivative rules of their own: customJvp (preferred: it serves both modes) and customVjp.

import { bind } from '../bind.js'
import { batchedProgram } from '../control/derived.js'
import { AdjointError } from '../error.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { everyLane } from '../primitives/rules.js'
import { programPrimitive } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import type { FlatFunction } from '../program/trace.js'
import { type Aval, typeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { filled, marked, marksOf, present } from '../trace/zeros.js'
import { flatten, matching, type Structure, type TensorsOf, unflatten } from '../tree.js'
import { leafTensor } from './flat.js'
import { wrapped } from './traced.js'
import { mapLanes } from './vmap.js'

interface CustomParams {
  readonly program: Program
  /** How many inputs are captured tensors, which the rule does not differentiate. */
  readonly captured: number
}

function programOf({ program }: CustomParams): Program {
  return program
}

interface CustomJvpParams extends CustomParams {
  /** arguments, tangents -> outputs, their tangents. */
  readonly rule: FlatFunction
}

/**
 * The function, with its own forward derivative; reverse mode transposes it.
 *
 * @param fn - the function
 * @param rule - from arguments and tangents to `{ value, tangent }`; linear in the tangents
 * @throws AdjointError `not-differentiable` when the derivative of a captured tensor is wanted: pass it as an argument
 * @example
 * const softplus = customJvp(
 *   (x: Tensor) => x.exp().log1p(),
 *   ([x], [dx]) => ({ value: x.exp().log1p(), tangent: dx.mul(x.sigmoid()) }),
 * )
 * grad(softplus)(tensor(1000)).item()   // 1, where the plain derivative is NaN
 */
export function customJvp<A extends unknown[], R>(
  fn: (...args: A) => R,
  rule: (args: TensorsOf<A>, tangents: TensorsOf<A>) => { value: R; tangent: R },
): (...args: A) => TensorsOf<R> {
  return wrapped('customJvp', fn, customJvpPrimitive, ({ program, captured, args, result }) => ({
    program,
    captured: captured.length,
    rule: (inputs) => {
      const n = inputs.length / 2
      const [primals, tangents] = [unflatten(args, inputs.slice(0, n)), unflatten(args, inputs.slice(n))]
      const { value, tangent } = rule(primals as TensorsOf<A>, tangents as TensorsOf<A>)
      return [value, tangent].flatMap((tree) => matching('customJvp', result, tree)).map(leafTensor)
    },
  }))
}

const customJvpPrimitive: Primitive<CustomJvpParams> = /* @__PURE__ */ programPrimitive<CustomJvpParams>(
  'customJvp',
  programOf,
  {
    jvpWithOutputs: (primals, tangents, { captured, rule }) => {
      refuseCaptured('customJvp', tangents, captured)
      const own = primals.slice(captured)
      const results = rule([...own, ...filled(tangents.slice(captured), own)])
      const n = results.length / 2
      return { outputs: results.slice(0, n), tangents: results.slice(n) }
    },
    vmap: (inputs, batched, size, { program, rule, ...rest }) => {
      const own = batched.slice(rest.captured)
      return bind(customJvpPrimitive, inputs, {
        ...rest,
        program: batchedProgram(program, batched, size),
        rule: (xs) => mapLanes(rule, xs, [...own, ...own], size),
      })
    },
  },
)

function refuseCaptured(fn: string, tangents: readonly MaybeZero[], captured: number): void {
  if (tangents.slice(0, captured).every((t) => t === null)) return
  throw new AdjointError('not-differentiable', {
    fn,
    given: 'a derivative with respect to a captured tensor',
    expected: 'one with respect to the arguments',
    fix: 'Pass that tensor as an argument, and give its derivative in the rule',
  })
}

interface CustomVjpParams extends CustomParams {
  /** arguments -> outputs, residuals. */
  readonly forward: FlatFunction
  /** residuals, cotangents of the outputs -> cotangents of the arguments. */
  readonly backward: FlatFunction
}

interface PullParams extends Pick<CustomVjpParams, 'backward'> {
  readonly outputs: readonly Aval[]
  readonly residuals: number
  readonly wrt: readonly boolean[]
}

/** The two halves of a reverse rule. */
export interface VjpRule<A extends unknown[], R, S> {
  /** The value and whatever the backward pass needs. */
  readonly forward: (...args: A) => readonly [value: R, residuals: S]
  /** Cotangents of the arguments, one entry each, from the residuals and the cotangent of the value. */
  readonly backward: (residuals: TensorsOf<S>, cotangent: TensorsOf<R>) => { readonly [K in keyof A]: unknown }
}

/**
 * The function, with its own reverse derivative. Forward mode through it is an error; forward over reverse differentiates `backward`.
 *
 * @throws AdjointError `not-differentiable` under forward mode, or with respect to a captured tensor
 * @example
 * const clipped = customVjp((x: Tensor) => x, {
 *   forward: (x: Tensor) => [x, null],
 *   backward: (_: null, ct: Tensor) => [ct.clip(-1, 1)],
 * })
 * grad((x: Tensor) => clipped(x).mul(10).sum())(tensor([3])).item()   // 1
 */
export function customVjp<A extends unknown[], R, S>(
  fn: (...args: A) => R,
  rule: VjpRule<A, R, S>,
): (...args: A) => TensorsOf<R> {
  return wrapped('customVjp', fn, customVjpPrimitive, ({ program, captured, args, result }) => {
    let kept: Structure | undefined
    return {
      program,
      captured: captured.length,
      forward: (inputs) => {
        const [value, residuals] = rule.forward(...(unflatten(args, inputs) as A))
        const { leaves, structure } = flatten(residuals)
        kept = structure
        return [...matching('customVjp', result, value), ...leaves].map(leafTensor)
      },
      backward: (inputs) => {
        const n = inputs.length - program.outputs.length
        const residuals = unflatten(kept as Structure, inputs.slice(0, n)) as TensorsOf<S>
        const cts = rule.backward(residuals, unflatten(result, inputs.slice(n)) as TensorsOf<R>)
        return matching('customVjp', args, cts).map(leafTensor)
      },
    }
  })
}

const customVjpPrimitive: Primitive<CustomVjpParams> = /* @__PURE__ */ programPrimitive<CustomVjpParams>(
  'customVjp',
  programOf,
  {
    jvpWithOutputs: (primals, tangents, { program, captured, forward, backward }) => {
      refuseCaptured('customVjp', tangents, captured)
      const results = forward(primals.slice(captured))
      const n = program.outputs.length
      const [outputs, residuals] = [results.slice(0, n), results.slice(n)]
      const wrt = marksOf(tangents.slice(captured))
      if (!wrt.includes(true)) return { outputs, tangents: outputs.map(() => null) }
      const pull = { backward, outputs: outputs.map(typeOf), residuals: residuals.length, wrt }
      return { outputs, tangents: bind(pullPrimitive, [...residuals, ...present(tangents)], pull) }
    },
    vmap: (inputs, batched, size, { program, captured, forward, backward }) => {
      const lanes =
        (fn: FlatFunction): FlatFunction =>
        (xs) =>
          mapLanes(
            fn,
            xs,
            xs.map(() => true),
            size,
          )
      // Every argument gets its lanes, so that cotangents of shared ones are summed by the broadcast's own transpose.
      const everywhere = inputs.map((x, i) => everyLane(x, batched[i], size))
      const marks = inputs.map(() => true)
      return bind(customVjpPrimitive, everywhere, {
        program: batchedProgram(program, marks, size),
        captured,
        forward: lanes(forward),
        backward: lanes(backward),
      })
    },
  },
)

function forwardMode(): never {
  throw new AdjointError('not-differentiable', {
    fn: 'customVjp',
    given: 'forward mode through a function with a reverse rule only',
    expected: 'grad, vjp, or customJvp',
    fix: 'customJvp serves both modes',
  })
}

/** residuals, tangents -> tangents of the outputs: known only by its transpose, the user's backward pass. */
const pullPrimitive: Primitive<PullParams> = /* @__PURE__ */ definePrimitive<PullParams>('customVjpTangent', {
  shape: (_, { outputs }) => outputs,
  vmap: forwardMode,
  decompose: forwardMode,
  run: forwardMode,
  transpose: (cotangents, inputs, { backward, outputs, residuals, wrt }) => {
    const values = inputs.slice(0, residuals).map((x) => (x.linear ? null : x.value) as Tensor)
    const results = backward([...values, ...filled(cotangents, outputs)])
    return [...values.map(() => null), ...marked(results, wrt)]
  },
})
