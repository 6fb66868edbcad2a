// The optimizer interface: pure init and update pairs over pytrees, so that they chain, mask, serialise and compile.
// The idiom is that of optax (DeepMind, 2020), with everything an update may need named in its signature.

import { AdjointError } from './error.js'
import { add } from './functions/elementwise.js'
import type { Key } from './random/key.js'
import type { Tensor, TensorLike } from './tensor.js'
import { flatten, matching, unflatten } from './tree.js'

/** What an update may look at besides the gradient. Callers give what they have; optimizers name what they miss. */
export interface UpdateContext<G = unknown> {
  /** The parameters that the gradient was taken at. */
  readonly params?: unknown
  /** The loss there: a scalar. */
  readonly value?: Tensor
  /** The loss and its gradient elsewhere, on the same batch. */
  valueAndGrad?(params: unknown): { readonly value: Tensor; readonly grad: G }
  /** Randomness for this update alone. */
  readonly key?: Key
  /** The data that the gradient was taken on. */
  readonly batch?: unknown
}

/** What an update returns. */
export interface Update<G, S> {
  /** What to add to the parameters, shaped like them. */
  readonly updates: G
  readonly state: S
}

/**
 * A pure optimizer. The state is a pytree of tensors: it goes through `jit`, `scan`, `vmap` and `serialize`.
 *
 * @example
 * const descent: Optimizer<object> = {
 *   init: () => ({}),
 *   update: (grads, state) => ({ updates: tree.map((g: Tensor) => g.mul(-0.1), grads), state }),
 * }
 */
export interface Optimizer<S = unknown> {
  /** The state before the first update. */
  init(params: unknown): S
  /** The change to make to the parameters, and the next state. */
  update<G>(grads: G, state: S, context?: UpdateContext<G>): Update<G, S>
}

/**
 * The named parts of an update's context.
 *
 * @param fn - the optimizer that needs them
 * @throws AdjointError `missing-argument` that names the part and who wants it
 * @example
 * requireContext('lookahead', { params: ones([2]) }, 'params').params   // [1, 1]
 */
export function requireContext<G, K extends keyof UpdateContext<G>>(
  fn: string,
  context: UpdateContext<G> | undefined,
  ...names: readonly K[]
): Required<Pick<UpdateContext<G>, K>> {
  const missing = names.find((name) => context?.[name] === undefined)
  if (context !== undefined && missing === undefined) return context as Required<Pick<UpdateContext<G>, K>>
  throw new AdjointError('missing-argument', {
    fn,
    given: `an update without \`${String(missing)}\``,
    expected: `a context with ${names.map((name) => `\`${String(name)}\``).join(', ')}`,
    fix: `Call optimizer.update(grads, state, { ${names.map(String).join(', ')} })`,
  })
}

/**
 * The parameters after an update: leaf by leaf, `params + updates`.
 *
 * @throws AdjointError `tree-mismatch` when the structures differ; `dtype-mismatch`; `shape-mismatch`
 * @example
 * applyUpdates({ w: tensor([1, 2]) }, { w: tensor([0.5, 0]) })   // { w: [1.5, 2] }
 */
export function applyUpdates<P>(params: P, updates: unknown): P {
  const { leaves, structure } = flatten(params)
  const changes = matching('applyUpdates', structure, updates)
  return unflatten(
    structure,
    leaves.map((leaf, i) => moved(leaf, changes[i])),
  ) as P
}

function moved(param: TensorLike, change: TensorLike): Tensor {
  const out = add(param, change)
  if (typeof param === 'number' || (out.ndim === param.ndim && out.size === param.size)) return out
  throw new AdjointError('shape-mismatch', {
    fn: 'applyUpdates',
    given: `a parameter of shape [${param.shape.join(', ')}] and an update that broadcasts it to [${out.shape.join(', ')}]`,
    expected: 'an update of the parameter’s shape',
  })
}
