// An Adjoint optimizer in the place of a tfjs one: for tf.Optimizer's minimize, and for LayersModel.compile.

import {
  applyUpdates,
  bind,
  definePrimitive,
  type Optimizer,
  type Primitive,
  scope,
  type Tensor,
  tree,
  withBackend,
} from '@adjoint/core'
import type * as tfjs from '@tensorflow/tfjs-core'
import type { TfjsBackend, TfjsKernel } from './api.js'
import { guarded, tidied } from './call.js'
import { backendOf, fromTfjs, handle, type InteropOptions, toTfjsNow } from './interop.js'
import { deviceOf } from './tfjs.js'

type Named = Record<string, Tensor>
type Variables = Readonly<Record<string, tfjs.Variable>>

/** What an update is computed from. */
interface Found {
  readonly grads: Named
  readonly value?: Tensor
  readonly valueAndGrad?: (params: unknown) => { readonly value: Tensor; readonly grad: Named }
}

/**
 * A `tf.Optimizer` that steps as an Adjoint optimizer says; its state stays on the device.
 *
 * `minimize` also hands the optimizer the loss and its gradient elsewhere, as line searches and L-BFGS need.
 *
 * @param optimizer - of `@adjoint/optim`, or any other
 * @returns an optimizer for `minimize`, `applyGradients` and `LayersModel.compile`
 * @throws AdjointError `invalid-argument` unless the backend is one of `createTfjs`
 * @example
 * import '@tensorflow/tfjs-backend-cpu'
 * import '@tensorflow/tfjs-layers'
 * import { asTfjsOptimizer, createTfjs } from '@adjoint/backend-tfjs'
 * import { adam } from '@adjoint/optim'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * const backend = await createTfjs({ device: 'cpu' })
 * const w = tf.variable(tf.tensor1d([3, -2]))
 * const optimizer = asTfjsOptimizer(adam(0.1), { backend })
 * for (let i = 0; i < 200; i++) optimizer.minimize(() => tf.sum(tf.square(w)) as tf.Scalar)
 * console.log(Math.max(...w.dataSync().map(Math.abs)) < 0.01) // true
 */
export function asTfjsOptimizer<S>(optimizer: Optimizer<S>, { backend }: InteropOptions = {}): tfjs.Optimizer {
  const chosen = backendOf('asTfjsOptimizer', backend).blocking()
  const { tf } = chosen
  const device = deviceOf('asTfjsOptimizer', chosen)
  let state: S | undefined

  /** One step of the variables; of all tensors made on the way, the next state is kept. */
  function step(variables: Variables, find: (params: Named) => Found): void {
    const before = state
    state = scope(() => withBackend(chosen, () => advance(variables, find)))
    const kept = new Set(tree.leaves(state))
    for (const leaf of tree.leaves(before)) if (typeof leaf !== 'number' && !kept.has(leaf)) leaf.dispose()
  }

  function advance(variables: Variables, find: (params: Named) => Found): S {
    const params = onBackend(chosen, variables)
    const { grads, ...context } = find(params)
    const { updates, state: next } = optimizer.update(grads, state ?? optimizer.init(params), { params, ...context })
    const moved = applyUpdates(params, updates)
    for (const name of Object.keys(variables)) {
      const value = toTfjsNow(moved[name], device)
      variables[name].assign(value)
      value.dispose()
    }
    return next
  }

  const made: Pick<tfjs.Optimizer, 'applyGradients' | 'computeGradients' | 'dispose' | 'getClassName' | 'minimize'> &
    Record<'getConfig', () => object> = {
    minimize(f, returnCost = false, varList) {
      const variables = trainable(tf, varList)
      const valueAndGrad = evaluator(chosen, f, variables)
      let cost: tfjs.Scalar | null = null
      step(variables, (params) => {
        const { value, grad } = valueAndGrad(params)
        if (returnCost) cost = toTfjsNow(value, device) as tfjs.Scalar
        return { grads: grad, value, valueAndGrad }
      })
      return cost
    },
    computeGradients: (f, varList) => tf.variableGrads(f, varList),
    applyGradients(gradients) {
      const named = Array.isArray(gradients)
        ? Object.fromEntries(gradients.map(({ name, tensor }) => [name, tensor]))
        : gradients
      const known = tf.engine().registeredVariables
      const variables = Object.fromEntries(Object.keys(named).map((name) => [name, known[name]]))
      step(variables, () => ({ grads: onBackend(chosen, named) }))
    },
    dispose() {
      for (const leaf of tree.leaves(state)) if (typeof leaf !== 'number') leaf.dispose()
      state = undefined
    },
    getClassName: () => 'AdjointOptimizer',
    getConfig: () => ({}),
  }
  // tfjs takes for an optimizer what has these methods: its class says so by Symbol.hasInstance.
  return made as unknown as tfjs.Optimizer
}

function onBackend(backend: TfjsBackend, tensors: Readonly<Record<string, tfjs.Tensor>>): Named {
  return Object.fromEntries(Object.keys(tensors).map((name) => [name, fromTfjs(tensors[name], { backend })]))
}

function trainable(tf: TfjsBackend['tf'], varList: readonly tfjs.Variable[] | undefined): Variables {
  const list = varList ?? Object.values(tf.engine().registeredVariables)
  return Object.fromEntries(list.filter((v) => v.trainable).map((v) => [v.name, v]))
}

/** The loss and its gradient at any values of the variables, as tensors of the backend. */
function evaluator(backend: TfjsBackend, f: () => tfjs.Scalar, variables: Variables) {
  const names = Object.keys(variables)
  const list = names.map((name) => variables[name])
  const kernel: TfjsKernel = (ops, inputs) => {
    const device = deviceOf('minimize', backend)
    const infos = guarded(backend, () =>
      tidied(ops.tf, () => {
        const own = list.map((v) => v.clone())
        try {
          list.forEach((v, i) => {
            v.assign(handle(device, inputs[i]))
          })
          const { value, grads } = ops.tf.engine().gradients(f, list, undefined, true)
          const results = [value, ...list.map((v, i) => grads[i] ?? ops.tf.zeros(v.shape))]
          for (const { dataId } of results) device.backend.incRef(dataId)
          return results.map(({ dataId, shape, dtype }) => ({ dataId, shape, dtype: dtype as 'float32' }))
        } finally {
          list.forEach((v, i) => {
            v.assign(own[i])
          })
        }
      }),
    )
    return infos.map(ops.own)
  }
  const primitive: Primitive = definePrimitive('@adjoint/backend-tfjs:loss', {
    shape: (inputs) => [{ shape: [], dtype: 'float32' }, ...inputs.map(({ shape, dtype }) => ({ shape, dtype }))],
    kernels: { tfjs: kernel },
  })
  return (params: unknown) => {
    const point = params as Named
    const [value, ...slopes] = bind(
      primitive,
      names.map((name) => point[name]),
    )
    return { value, grad: Object.fromEntries(names.map((name, i) => [name, slopes[i]])) }
  }
}
