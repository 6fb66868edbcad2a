// The public types of @adjoint/optim.

import type { Key, Optimizer, Tensor, TensorsOf } from '@adjoint/core'

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

/** State of `amsgrad`. The moments are trees like the parameters. */
export type AmsgradState = AdamState & {
  /** Largest running mean of the squared gradient so far. */
  readonly largest: unknown
}

/** State of `rmsprop`. */
export type RmspropState = {
  /** Running mean of the squared gradient, a tree like the parameters. */
  readonly square: unknown
  /** Running mean of the gradient, where it is centred. */
  readonly mean?: unknown
}

/** State of `adagrad`. */
export type AdagradState = {
  /** Sum of the squared gradients, a tree like the parameters. */
  readonly square: unknown
}

/** State of `lion`. */
export type LionState = {
  /** Running mean of the gradient, a tree like the parameters. */
  readonly mean: unknown
}

/** State of `lbfgs`: the last steps, newest first, with all parameters as one vector. */
export type LbfgsState = {
  /** Steps. `[memory, n]` */
  readonly steps: Tensor
  /** Changes of the gradient. `[memory, n]` */
  readonly changes: Tensor
  /** 1 over the product of step and change, 0 where there is none yet. `[memory]` */
  readonly inverse: Tensor
  /** Size of the inverse Hessian before the pairs. */
  readonly scale: Tensor
}

/** What every solver takes. */
export interface SolverOptions {
  /** What counts as solved; each solver says of what. @defaultValue 1e-6 in float64, 1e-4 in float32 */
  readonly tolerance?: number
  /** Most iterations. @defaultValue 200 for each number in x, and at least 1000 */
  readonly maxSteps?: number
}

/** How a solver ended. All fields are tensors: `await read(result)` gives numbers, `describe` words. */
export interface SolverReport {
  /** Steps taken, int32. */
  readonly iterations: Tensor
  /** Evaluations of the function with its gradient, or of the residuals; products with derivatives are not counted. int32 */
  readonly evaluations: Tensor
  /** Whether the tolerance was met: bool, `status` 0. */
  readonly converged: Tensor
  /** int32; `SOLVER_STATUS` has the words. */
  readonly status: Tensor
}

/** Limits of x: numbers, or trees like x of tensors that broadcast to its leaves. */
export interface Bounds {
  /** @defaultValue none */
  readonly lower?: unknown
  /** @defaultValue none */
  readonly upper?: unknown
}

/** How `minimize` looks for a minimum. */
export type MinimizeMethod = 'l-bfgs' | 'l-bfgs-b' | 'nonlinear-cg' | 'newton-cg' | 'trust-region' | 'nelder-mead'

/** Options of `minimize` without an optimizer. */
export interface MinimumOptions extends SolverOptions {
  /** @defaultValue `'l-bfgs'`, or `'l-bfgs-b'` within bounds */
  readonly method?: MinimizeMethod
  /** Box that x stays in: for `'l-bfgs-b'` and `'nelder-mead'`. A start outside is moved to its nearest point. */
  readonly bounds?: Bounds
  /** Steps that `'l-bfgs'` and `'l-bfgs-b'` remember. @defaultValue 10 */
  readonly memory?: number
  /** With this one key `minimize` is the driver of an optimizer instead. */
  readonly optimizer?: undefined
}

/** What `minimize` found. */
export interface Minimum<X> extends SolverReport {
  /** The best point, a tree like the start. Differentiable by what the function captures. */
  readonly x: TensorsOf<X>
  /** The function there. */
  readonly value: Tensor
  /** Largest entry of the gradient there; within bounds, of the step to the projection of x - gradient. */
  readonly gradientNorm: Tensor
}

/** How `leastSquares` looks for a minimum. */
export type LeastSquaresMethod = 'levenberg-marquardt' | 'gauss-newton' | 'trust-region'

/** Options of `leastSquares`. */
export interface LeastSquaresOptions extends SolverOptions {
  /** @defaultValue 'levenberg-marquardt' */
  readonly method?: LeastSquaresMethod
}

/** What `leastSquares` found. */
export interface LeastSquaresResult<X> extends Minimum<X> {
  /** The residuals at x, flat. `[m]` */
  readonly residuals: Tensor
}

/** How `root` looks for a zero. */
export type RootMethod = 'newton' | 'levenberg-marquardt'

/** Options of `root`. */
export interface RootFindingOptions extends SolverOptions {
  /** @defaultValue 'newton' */
  readonly method?: RootMethod
}

/** What `root` and `fixedPoint` found. */
export interface RootResult<X> extends SolverReport {
  /** A tree like the start. Differentiable by what the function captures. */
  readonly x: TensorsOf<X>
  /** Largest entry of the residual there, without its sign. */
  readonly error: Tensor
}

/** Options of `fixedPoint`. */
export interface FixedPointOptions extends SolverOptions {
  /** Earlier iterates that are mixed in; 0 is plain iteration. @defaultValue 5 */
  readonly memory?: number
  /** Part of the residual that each step adds, in (0, 1]. @defaultValue 1 */
  readonly mixing?: number
}
