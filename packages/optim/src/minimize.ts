// One name for making a function small: by an optimizer, step by step with progress, or by a solver at once.

import type { Tensor } from '@adjoint/core'
import type { MinimizeOptions, MinimizeResult, Minimum, MinimumOptions } from './api.js'
import { drive } from './driver.js'
import { findMinimum } from './minimum.js'

/**
 * Makes a function small, by an optimizer: a driver, async, with plain numbers in its result. The loss is compiled
 * together with the update. Steps after convergence change nothing, so the result does not depend on `every`.
 *
 * @param loss - pure; of the parameters and, under `batches`, a batch; returns a float scalar
 * @param params - where to start: a float tensor or a pytree of them
 * @param options - with an `optimizer`
 * @returns plain numbers, the parameters, and the optimizer's state
 * @throws AdjointError `invalid-argument` for wrong options or parameters that are not float tensors; as `valueAndGrad`
 * @example
 * const loss = (x: Tensor) => x.sub(3).square().sum()
 * const { params, converged } = await minimize(loss, tensor([0, 9]), { optimizer: sgd(0.25), steps: 50, tolerance: 1e-4 })
 */
export function minimize<P, S, B = undefined>(
  loss: (params: P, batch: B) => Tensor,
  params: P,
  options: MinimizeOptions<P, S, B>,
): Promise<MinimizeResult<P, S>>
/**
 * Makes a function small, by a solver: traceable, with tensors in its result. It runs under `jit` and `vmap` (each lane
 * to its own stop), and x and value are differentiable, to third order, by whatever `f` and the bounds capture: by the
 * equation that the gradient is 0, not through the iterations.
 *
 * Converged means that no entry of the gradient is larger than `tolerance`; for `'nelder-mead'`, that the corners of the
 * simplex and their values differ by less. Which method when is told in the README.
 *
 * @param f - pure and traceable; returns a float scalar
 * @param x0 - where to start: a float tensor or a pytree of them
 * @param options - without an `optimizer`: `method`, `bounds`, `tolerance`, `maxSteps`, `memory`
 * @throws AdjointError `invalid-argument` for wrong options; `non-scalar-loss`; `shape-mismatch` and `tree-mismatch` for bounds
 * @example
 * const f = (x: Tensor) => x.sub(3).square().sum()
 * const { x, status } = minimize(f, tensor([0, 9]), { bounds: { upper: 2 } })   // [2, 2], 0
 */
export function minimize<X>(f: (x: X) => Tensor, x0: X, options?: MinimumOptions): Minimum<X>
export function minimize<P, S, B>(
  f: (params: P, batch: B) => Tensor,
  start: P,
  options: MinimizeOptions<P, S, B> | MinimumOptions = {},
): Promise<MinimizeResult<P, S>> | Minimum<P> {
  return 'optimizer' in options && options.optimizer !== undefined
    ? drive(f, start, options)
    : findMinimum(f as unknown as (x: P) => Tensor, start, options as MinimumOptions)
}
