// tfjs functions and models inside Adjoint: as functions of Adjoint tensors, with gradients for inputs and weights.

import { AdjointError, type Tensor } from '@adjoint/core'
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import type { TfjsBackend } from './api.js'
import { callTfjs, type TfjsCall } from './call.js'
import { backendOf, fromTfjs, type InteropOptions, toTfjs } from './interop.js'
import { type GraphModelLike, type LayersModelLike, type ModelPort, portOf } from './models.js'

/** A model of tfjs as a function of its inputs and weights. */
export interface TfjsModel {
  /**
   * The model's output, in inference mode.
   *
   * @param inputs - one tensor, or one for each input of the model
   * @param weights - by name; those left out are the model's own, as constants
   */
  (inputs: Tensor | readonly Tensor[], weights?: Readonly<Record<string, Tensor>>): Tensor
  /** The model's weights by name, over the model's memory. */
  weights(): Record<string, Tensor>
  /** Puts weights into the model, for `save`, `predict` or `evaluate`. */
  assign(weights: Readonly<Record<string, Tensor>>): Promise<void>
}

/** What `differentiable` makes of a function. */
export type OnTensors<A extends readonly unknown[], R> = (
  ...inputs: { [K in keyof A]: Tensor }
) => R extends readonly TfTensor[] ? Tensor[] : Tensor

/**
 * Wraps a tfjs function, or a model, for Adjoint: traceable, under `grad`, `jvp`, `jit` and `vmap`, by tfjs's own gradients.
 *
 * Derivatives are as high as tfjs has them for the operations inside. Forward mode is tfjs's reverse mode twice, or, where it
 * refuses that, once for each entry of the outputs. `vmap` goes lane by lane.
 *
 * @param target - a synchronous function of tf.Tensors that reads nothing and makes no random choices, a LayersModel
 * or a GraphModel
 * @throws AdjointError `invalid-argument` for anything else; `not-differentiable` where tfjs lacks a gradient;
 * `backend-mismatch` when tfjs has been set to another backend meanwhile
 * @example
 * import '@tensorflow/tfjs-backend-cpu'
 * import '@tensorflow/tfjs-layers'
 * import { createTfjs, differentiable } from '@adjoint/backend-tfjs'
 * import * as tf from '@tensorflow/tfjs-core'
 * import { grad, setBackend, tensor } from 'adjoint'
 *
 * setBackend(await createTfjs({ device: 'cpu' }))
 * const energy = differentiable((x: tf.Tensor) => tf.sum(tf.square(x)))
 * console.log(grad(energy)(tensor([1, 2])).dataSync()) // Float32Array [2, 4]
 */
export function differentiable(target: LayersModelLike | GraphModelLike, options?: InteropOptions): TfjsModel
export function differentiable<A extends TfTensor[], R extends TfTensor | TfTensor[]>(
  target: (...inputs: A) => R,
  options?: InteropOptions,
): OnTensors<A, R>
export function differentiable(target: unknown, { backend }: InteropOptions = {}): unknown {
  const chosen = backendOf('differentiable', backend)
  if (typeof target === 'function') return onTensors(chosen, target as TfjsCall)
  const port = portOf(target)
  if (port !== undefined) return modelOn(chosen, port)
  throw new AdjointError('invalid-argument', {
    fn: 'differentiable',
    given: target === null ? 'null' : `a ${typeof target}`,
    expected: 'a function of tf.Tensors, a tf.LayersModel or a tf.GraphModel',
  })
}

function onTensors(backend: TfjsBackend, fn: TfjsCall): (...inputs: Tensor[]) => Tensor | Tensor[] {
  let several = false
  const call = callTfjs(backend, (...inputs) => {
    const result = fn(...inputs)
    several = Array.isArray(result)
    return result
  })
  return (...inputs) => {
    const outputs = call(...inputs)
    return several ? outputs : outputs[0]
  }
}

function modelOn(backend: TfjsBackend, port: ModelPort): TfjsModel {
  const calls = new Map<string, ReturnType<typeof callTfjs>>()
  const call = (names: readonly string[]) => {
    const key = names.join('\n')
    const known = calls.get(key)
    if (known !== undefined) return known
    const made = callTfjs(backend, (...operands) =>
      port.run(operands.slice(names.length), names, operands.slice(0, names.length)),
    )
    calls.set(key, made)
    return made
  }
  const model = (inputs: Tensor | readonly Tensor[], weights: Readonly<Record<string, Tensor>> = {}): Tensor => {
    const names = Object.keys(weights)
    checkNames(port, names)
    const given = Array.isArray(inputs) ? (inputs as Tensor[]) : [inputs as Tensor]
    return call(names)(...names.map((name) => weights[name]), ...given)[0]
  }
  return Object.assign(model, {
    weights: () =>
      Object.fromEntries(port.names.map((name) => [name, fromTfjs(port.weight(name), { backend })] as const)),
    assign: async (weights: Readonly<Record<string, Tensor>>) => {
      const names = Object.keys(weights)
      checkNames(port, names)
      const tensors = await Promise.all(names.map((name) => toTfjs(weights[name], { backend })))
      tensors.forEach((x, i) => {
        port.assign(names[i], x)
      })
    },
  })
}

function checkNames(port: ModelPort, names: readonly string[]): void {
  const unknown = names.find((name) => !port.names.includes(name))
  if (unknown === undefined) return
  throw new AdjointError('invalid-argument', {
    fn: 'differentiable',
    given: `a weight '${unknown}'`,
    expected: `the model's: ${port.names.join(', ')}`,
    fix: 'Start from model.weights()',
  })
}
