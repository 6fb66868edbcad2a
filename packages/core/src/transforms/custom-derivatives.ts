// Functions with derivative rules of their own: customJvp (preferred: it serves both modes) and customVjp.

import { bind } from '../bind.js'
import { present } from '../control/call.js'
import { batchedProgram } from '../control/derived.js'
import { AdjointError } from '../error.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import type { Aval } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { instantiate } from '../trace/zeros.js'
import { flatten, matching, type Structure, type TensorsOf, unflatten } from '../tree.js'
import { leafTensor } from './flat.js'
import { isPlain, traceFunction } from './traced.js'
import { mapLanes } from './vmap.js'

type FlatRule = (
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
) => { outputs: readonly Tensor[]; tangents: readonly Tensor[] }

interface CustomJvpParams {
  readonly program: Program
  /** How many inputs are captured tensors, which the rule does not differentiate. */
  readonly captured: number
  readonly rule: FlatRule
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
  return (...args) => {
    if (isPlain()) return fn(...args) as TensorsOf<R>
    const { program, captured, inputs, args: structure, result } = traceFunction('customJvp', fn, args)
    const flat: FlatRule = (primals, tangents) => {
      const { value, tangent } = rule(
        unflatten(structure, primals) as TensorsOf<A>,
        unflatten(structure, tangents) as TensorsOf<A>,
      )
      return {
        outputs: flatten(value).leaves.map(leafTensor),
        tangents: matching('customJvp', result, tangent).map(leafTensor),
      }
    }
    return unflatten(
      result,
      bind(customJvpPrimitive, [...captured, ...inputs], { program, captured: captured.length, rule: flat }),
    ) as TensorsOf<R>
  }
}

const customJvpPrimitive: Primitive<CustomJvpParams> = /* @__PURE__ */ definePrimitive<CustomJvpParams>('customJvp', {
  shape: (_, { program }) => program.outputs,
  program: ({ program }) => program,
  run: (inputs, { program }) => evaluateProgram(program, inputs),
  jvpWithOutputs: (primals, tangents, { captured, rule }) => {
    refuseCaptured('customJvp', tangents, captured)
    const own = primals.slice(captured)
    const directions = tangents.slice(captured).map((t, i) => instantiate(t, own[i]))
    return rule(own, directions)
  },
  vmap: (inputs, batched, size, { program, captured, rule }) => {
    const marks = batched.slice(captured)
    const lanes: FlatRule = (primals, tangents) => {
      const results = mapLanes(
        (xs) => {
          const { outputs, tangents: pushed } = rule(xs.slice(0, primals.length), xs.slice(primals.length))
          return [...outputs, ...pushed]
        },
        [...primals, ...tangents],
        [...marks, ...marks],
        size,
      )
      return { outputs: results.slice(0, program.outputs.length), tangents: results.slice(program.outputs.length) }
    }
    return bind(customJvpPrimitive, inputs, {
      program: batchedProgram(program, batched, size, inputs[0].backend),
      captured,
      rule: lanes,
    })
  },
})

function refuseCaptured(fn: string, tangents: readonly MaybeZero[], captured: number): void {
  if (tangents.slice(0, captured).every((t) => t === null)) return
  throw new AdjointError('not-differentiable', {
    fn,
    given: 'a derivative with respect to a tensor that the function captured',
    expected: 'a derivative with respect to its arguments',
    fix: 'Pass the captured tensor as an argument, and give its derivative in the rule',
  })
}

interface CustomVjpParams {
  readonly program: Program
  readonly captured: number
  /** arguments -> outputs and residuals. */
  readonly forward: (inputs: readonly Tensor[]) => { outputs: readonly Tensor[]; residuals: readonly Tensor[] }
  /** residuals, cotangents of the outputs -> cotangents of the arguments. */
  readonly backward: (residuals: readonly Tensor[], cotangents: readonly Tensor[]) => readonly Tensor[]
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
  return (...args) => {
    if (isPlain()) return fn(...args) as TensorsOf<R>
    const { program, captured, inputs, args: structure, result } = traceFunction('customVjp', fn, args)
    let kept: Structure | undefined
    const params: CustomVjpParams = {
      program,
      captured: captured.length,
      forward: (xs) => {
        const [value, residuals] = rule.forward(...(unflatten(structure, xs) as A))
        const flat = flatten(residuals)
        kept = flat.structure
        return { outputs: matching('customVjp', result, value).map(leafTensor), residuals: flat.leaves.map(leafTensor) }
      },
      backward: (residuals, cotangents) => {
        const cts = rule.backward(
          unflatten(kept as Structure, residuals) as TensorsOf<S>,
          unflatten(result, cotangents) as TensorsOf<R>,
        )
        return matching('customVjp', structure, cts).map(leafTensor)
      },
    }
    return unflatten(result, bind(customVjpPrimitive, [...captured, ...inputs], params)) as TensorsOf<R>
  }
}

const customVjpPrimitive: Primitive<CustomVjpParams> = /* @__PURE__ */ definePrimitive<CustomVjpParams>('customVjp', {
  shape: (_, { program }) => program.outputs,
  program: ({ program }) => program,
  run: (inputs, { program }) => evaluateProgram(program, inputs),
  jvpWithOutputs: (primals, tangents, { captured, forward, backward }) => {
    refuseCaptured('customVjp', tangents, captured)
    const { outputs, residuals } = forward(primals.slice(captured))
    const wrt = tangents.slice(captured).map((t) => t !== null)
    if (!wrt.includes(true)) return { outputs, tangents: outputs.map(() => null) }
    const types = outputs.map(({ shape, dtype }) => ({ shape, dtype }))
    const pushed = bind(pullPrimitive, [...residuals, ...present(tangents.slice(captured))], {
      backward,
      outputs: types,
      residuals: residuals.length,
      wrt,
    })
    return { outputs, tangents: pushed }
  },
  vmap: (inputs, batched, size, { program, captured, forward, backward }) => {
    // Every argument gets its lanes, so that cotangents of shared ones are summed by the broadcast's own transpose.
    const everywhere = inputs.map((x, i) => (batched[i] ? x : x.broadcastTo([size, ...x.shape])))
    const marks = inputs.map(() => true)
    let outputs = 0
    return bind(customVjpPrimitive, everywhere, {
      program: batchedProgram(program, marks, size, inputs[0].backend),
      captured,
      forward: (xs) => {
        const results = mapLanes(
          (lane) => {
            const made = forward(lane)
            outputs = made.outputs.length
            return [...made.outputs, ...made.residuals]
          },
          xs,
          xs.map(() => true),
          size,
        )
        return { outputs: results.slice(0, outputs), residuals: results.slice(outputs) }
      },
      backward: (residuals, cts) =>
        mapLanes(
          (lane) => backward(lane.slice(0, residuals.length), lane.slice(residuals.length)),
          [...residuals, ...cts],
          [...residuals, ...cts].map(() => true),
          size,
        ),
    })
  },
})

function forwardMode(): never {
  throw new AdjointError('not-differentiable', {
    fn: 'customVjp',
    given: 'forward-mode differentiation of a function that has only a reverse rule',
    expected: 'grad, vjp, or customJvp',
    fix: 'Give the rule with customJvp: it serves both modes',
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
    const results = backward(
      values,
      cotangents.map((ct, i) => instantiate(ct, outputs[i])),
    )
    return [...values.map(() => null), ...results.filter((_, i) => wrt[i])]
  },
})
