// The public types of @adjoint/optim.

import type { Key, Optimizer, Tensor } from '@adjoint/core'

/** A rate as a function of the number of updates made so far: a float scalar to a float scalar, both tensors. */
export type Schedule = (step: Tensor) => Tensor

/** A fixed rate, or one that changes with the steps. */
export type LearningRate = number | Schedule

/** State of an optimizer that keeps none. */
export type NoState = { readonly [name: string]: never }

/** State of `scaleByAdam`. The moments are trees like the parameters. */
export type AdamState = {
  /** Updates made, int32. */
  readonly count: Tensor
  /** Running mean of the gradient. */
  readonly mean: unknown
  /** Running mean of the squared gradient. */
  readonly square: unknown
}

/** State of `trace`. */
export type TraceState = {
  /** Decaying sum of the gradients, a tree like the parameters. */
  readonly velocity: unknown
}

/** State of `scaleBySchedule`. */
export type ScheduleState = {
  /** Updates made, int32. */
  readonly count: Tensor
}

/** State of a chain: one entry for each of its parts. */
export type ChainState = readonly unknown[]

/** Which parts of a parameter tree: a boolean stands for everything below it. */
export type Mask = boolean | readonly Mask[] | { readonly [key: string]: Mask }

/** Where a `minimize` run is. */
export interface MinimizeProgress<P> {
  /** Updates made. */
  readonly iteration: number
  /** Updates wanted. */
  readonly steps: number
  /** The loss before the last update. */
  readonly value: number
  /** The largest entry of the gradient before the last update, without its sign. */
  readonly gradient: number
  readonly params: P
}

/** Options of `minimize`. */
export interface MinimizeOptions<P, S, B = undefined> {
  readonly optimizer: Optimizer<S>
  /** Most updates to make. */
  readonly steps: number
  /** Updates between reports; they run as one compiled chunk. @defaultValue 10 */
  readonly every?: number
  /** Converged once no entry of the gradient is larger. @defaultValue not tested */
  readonly tolerance?: number
  /** Second arguments of the loss: an array is gone through again and again, an iterable once. */
  readonly batches?: readonly B[] | Iterable<B> | AsyncIterable<B>
  /** The optimizer's state, to continue a run. @defaultValue `optimizer.init(params)` */
  readonly state?: S
  /** For optimizers that draw random numbers: each update gets `foldIn(key, iteration)`. */
  readonly key?: Key
  /** Stops the run between two chunks. */
  readonly signal?: AbortSignal | undefined
  /** Called after each chunk, and awaited. */
  readonly onProgress?: ((progress: MinimizeProgress<P>) => unknown) | undefined
}

/** How a `minimize` run ended. */
export interface MinimizeResult<P, S> {
  readonly params: P
  /** The loss at `params`, on the last batch. */
  readonly value: number
  /** Updates made. */
  readonly iterations: number
  /** Whether the gradient at `params` is within the tolerance; false without one. */
  readonly converged: boolean
  /** `diverged`: the loss became infinite or NaN; `done`: all steps made, or no batches left. */
  readonly status: 'converged' | 'done' | 'aborted' | 'diverged'
  /** The optimizer's state, to continue the run. */
  readonly state: S
}
