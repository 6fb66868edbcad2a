// The driver of first-order minimisation: compiled steps of gradient and update, progress, convergence, abort.

import {
  AdjointError,
  applyUpdates,
  jit,
  type Optimizer,
  type Tensor,
  tree,
  valueAndGrad,
  where,
  zeros,
} from '@adjoint/core'
import { iterate } from '@adjoint/core/drive'
import * as random from '@adjoint/core/random'
import type { MinimizeOptions, MinimizeResult } from './api.js'
import { checkParams, checkRate } from './checks.js'
import { widestDType } from './state.js'

/** What the compiled loop carries. */
interface Carry<P, S, B> {
  readonly params: P
  readonly state: S
  /** Updates made, int32. */
  readonly iterations: Tensor
  readonly converged: Tensor
  /** A batch that never changes travels along, instead of being copied for every step. */
  readonly batch: B | undefined
}

/** The loss somewhere, with its gradient and the size of that. */
interface Evaluation<P> {
  readonly value: Tensor
  readonly grad: P
  readonly largest: Tensor
}

type Evaluate<P, B> = (params: P, batch: B) => Evaluation<P>

/** What `minimize` does with an optimizer. */
export async function drive<P, S, B = undefined>(
  loss: (params: P, batch: B) => Tensor,
  params: P,
  { optimizer, steps, every = 10, tolerance, batches, state, key, signal, onProgress }: MinimizeOptions<P, S, B>,
): Promise<MinimizeResult<P, S>> {
  checkOptions(optimizer, tolerance, batches)
  const feed = new Feed(batches)
  const evaluate = evaluation(loss)
  let carry = startingCarry(params, state ?? optimizer.init(params), feed.constant)
  let iterations = 0
  let status: MinimizeResult<P, S>['status'] = 'done'
  const run = iterate(stepOf(evaluate, optimizer, { tolerance, key }), carry, {
    steps,
    every,
    signal,
    inputs: feed.inputs(),
  })
  for await (const { state: next, metrics } of run) {
    carry = next
    iterations = metrics.iterations
    await onProgress?.({
      iteration: iterations,
      steps,
      value: metrics.value,
      gradient: metrics.largest,
      params: carry.params,
    })
    status = metrics.converged !== 0 ? 'converged' : Number.isFinite(metrics.value) ? 'done' : 'diverged'
    if (status !== 'done') break
  }
  const end = jit(evaluate, { name: 'minimize' })(carry.params, feed.last as B)
  const [value, largest] = await Promise.all([end.value, end.largest].map(async (x) => (await x.data())[0]))
  if (status === 'done' && !Number.isFinite(value)) status = 'diverged'
  if (status === 'done' && tolerance !== undefined && largest <= tolerance) status = 'converged'
  if (status === 'done' && signal?.aborted === true && iterations < steps) status = 'aborted'
  return { params: carry.params, value, iterations, converged: status === 'converged', status, state: carry.state }
}

function startingCarry<P, S, B>(params: P, state: S, batch: B | undefined): Carry<P, S, B> {
  const [first] = checkParams('minimize', params)
  if (first === undefined)
    throw new AdjointError('invalid-argument', {
      fn: 'minimize',
      given: 'parameters without a tensor',
      expected: 'at least one',
    })
  const { backend } = first
  return {
    params,
    state,
    iterations: zeros([], { dtype: 'int32', backend }),
    converged: zeros([], { dtype: 'bool', backend }),
    batch,
  }
}

function evaluation<P, B>(loss: (params: P, batch: B) => Tensor): Evaluate<P, B> {
  return (params, batch) => {
    const { value, grad } = valueAndGrad(loss)(params, batch)
    const dtype = widestDType(grad)
    const sizes = (tree.leaves(grad) as Tensor[]).filter((g) => g.size > 0).map((g) => g.abs().max().cast(dtype))
    const largest = sizes.length === 0 ? zeros([], { dtype }) : sizes.reduce((a, b) => a.maximum(b))
    return { value, grad: grad as P, largest }
  }
}

type StepOptions = Pick<MinimizeOptions<unknown, unknown>, 'tolerance' | 'key'>

function stepOf<P, S, B>(evaluate: Evaluate<P, B>, optimizer: Optimizer<S>, { tolerance, key }: StepOptions) {
  return ({ params, state, iterations, converged, batch }: Carry<P, S, B>, input: B | undefined) => {
    const data = (batch ?? input) as B
    const { value, grad, largest } = evaluate(params, data)
    const own = key === undefined ? undefined : random.foldIn(key, iterations)
    const context = { params, value, batch: data, key: own, valueAndGrad: (at: unknown) => evaluate(at as P, data) }
    const { updates, state: updated } = optimizer.update(grad, state, context)
    const next = { params: applyUpdates(params, updates), state: updated, iterations: iterations.add(1) }
    const done = tolerance === undefined ? converged : converged.or(largest.le(tolerance))
    const kept = tolerance === undefined ? next : freeze(done, { params, state, iterations }, next)
    return {
      state: { ...kept, converged: done, batch },
      metrics: { value, largest, converged: done, iterations: kept.iterations },
    }
  }
}

/** The old tree where `done` holds, else the new one. */
function freeze<T>(done: Tensor, old: T, next: T): T {
  return tree.map((a: Tensor, b: Tensor) => where(done, a, b), old, next)
}

/** Batches as the loop takes them: one constant, or a stream that remembers what it gave last. */
class Feed<B> {
  /** The only batch there is. */
  readonly constant: B | undefined
  last: B | undefined
  private readonly batches: Iterable<B> | AsyncIterable<B> | undefined

  constructor(batches: Iterable<B> | AsyncIterable<B> | undefined) {
    const only = Array.isArray(batches) && batches.length === 1
    this.constant = only ? (batches[0] as B) : undefined
    this.last = this.constant
    this.batches = only ? undefined : batches
  }

  inputs(): AsyncIterable<B> | undefined {
    return this.batches === undefined ? undefined : this.stream(this.batches)
  }

  private async *stream(batches: Iterable<B> | AsyncIterable<B>): AsyncGenerator<B> {
    do {
      for await (const batch of batches) yield (this.last = batch)
    } while (Array.isArray(batches))
  }
}

function checkOptions(optimizer: unknown, tolerance: number | undefined, batches: unknown): void {
  if (typeof (optimizer as Optimizer | undefined)?.update !== 'function') {
    throw new AdjointError('invalid-argument', {
      fn: 'minimize',
      given: `an optimizer of type ${typeof optimizer}`,
      expected: 'an optimizer, such as adam(0.01)',
    })
  }
  if (tolerance !== undefined) checkRate('minimize', 'tolerance', tolerance)
  if (Array.isArray(batches) && batches.length === 0) {
    throw new AdjointError('invalid-argument', {
      fn: 'minimize',
      given: 'an empty list of batches',
      expected: 'at least one',
    })
  }
}
