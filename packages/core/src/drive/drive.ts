// The driver of long loops: runs compiled chunks of a pure step, and between them reports, saves and listens for an abort.

import { refusePromise } from '../backend/current.js'
import { scan } from '../control/loops.js'
import { AdjointError } from '../error.js'
import { tensor } from '../functions/create.js'
import { stack } from '../functions/movement.js'
import { checkInteger, formatAval } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { jit } from '../transforms/jit.js'
import { flatten, type Leaf, matching, unflatten } from '../tree.js'
import { serialize } from './serialize.js'

/** A tree with a number in place of every tensor. */
export type Numbers<M> = M extends Tensor | number
  ? number
  : M extends readonly unknown[] | object
    ? { readonly [K in keyof M]: Numbers<M[K]> }
    : M

/** One step: pure and traceable. It keeps the structure, shapes and dtypes of the state; metrics are scalars. */
export type Step<S, M, I = undefined> = (state: S, input: I) => { readonly state: S; readonly metrics: M }

/** Where a run is. */
export interface Progress<S, M> {
  /** Steps done, counted from the first run of the state. */
  readonly step: number
  /** Steps wanted. */
  readonly steps: number
  /** Metrics of the last step. */
  readonly metrics: Numbers<M>
  readonly state: S
}

/** Options of `iterate`. */
export interface IterateOptions<I = undefined> {
  /** Number of the last step. */
  readonly steps: number
  /** Steps between reports; they run as one compiled chunk. @defaultValue 1 */
  readonly every?: number
  /** Steps that the state already has behind it. @defaultValue 0 */
  readonly start?: number
  /** What each step gets as its second argument, in order; numbers become float32 scalars. The run ends when they do. */
  readonly inputs?: Iterable<I> | AsyncIterable<I>
  /** Stops the run between two chunks. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `drive`. */
export interface DriveOptions<S, M, I = undefined> extends IterateOptions<I> {
  /** Called after each chunk, and awaited. */
  readonly onProgress?: ((progress: Progress<S, M>) => unknown) | undefined
  /** Receives `{ step, state }` as bytes, for `deserialize`; called after each chunk, and awaited. */
  readonly checkpoint?: ((bytes: Uint8Array, step: number) => unknown) | undefined
}

/** How a run ended. */
export interface DriveResult<S, M> {
  readonly state: S
  /** Steps done: with `state`, what resumes the run. */
  readonly step: number
  /** Metrics of the last step; undefined when none ran. */
  readonly metrics: Numbers<M> | undefined
  readonly status: 'done' | 'aborted'
}

/**
 * Repeats a pure step, `every` of them at a time as one compiled chunk. A driver: async, and not traceable itself.
 * Calling it again with the returned state and `start` continues the run bit for bit, however it was cut.
 *
 * @param step - maps a state to the next one and to scalar metrics
 * @param state - a pytree; numbers in it become float32 scalars
 * @param options - how many steps, in what chunks, and who is told
 * @returns where the run got to; `status` is 'aborted' when the signal stopped it
 * @throws AdjointError `invalid-argument`, `loop-changed-type` when the step changes the type of its state,
 * `shape-mismatch` for metrics that are not scalars
 * @example
 * const halve = (x: Tensor) => ({ state: x.mul(0.5), metrics: { size: x.abs().max() } })
 * const { state } = await drive(halve, tensor([8, 4]), { steps: 2 })   // [2, 1]
 */
export async function drive<S, M, I = undefined>(
  step: Step<S, M, I>,
  state: S,
  { onProgress, checkpoint, ...options }: DriveOptions<S, M, I>,
): Promise<DriveResult<S, M>> {
  let last: Pick<DriveResult<S, M>, 'state' | 'step' | 'metrics'> = {
    state,
    step: options.start ?? 0,
    metrics: undefined,
  }
  for await (const progress of iterate(step, state, options)) {
    last = { state: progress.state, step: progress.step, metrics: progress.metrics }
    await checkpoint?.(await serialize({ step: last.step, state: last.state }), last.step)
    await onProgress?.(progress)
  }
  return { ...last, status: options.signal?.aborted === true && last.step < options.steps ? 'aborted' : 'done' }
}

/**
 * The progress of a run, chunk by chunk: what `drive` is built on. Leaving the loop ends the run.
 *
 * @throws AdjointError as `drive`
 * @example
 * const grow = (x: Tensor) => ({ state: x.add(1), metrics: { x } })
 * for await (const { step, metrics } of iterate(grow, tensor(0), { steps: 4, every: 2 })) console.log(step, metrics.x)
 */
export async function* iterate<S, M, I = undefined>(
  step: Step<S, M, I>,
  state: S,
  { steps, every = 1, start = 0, inputs, signal }: IterateOptions<I>,
): AsyncGenerator<Progress<S, M>, void, undefined> {
  checkInteger('drive', steps, { what: 'steps', low: 0 })
  checkInteger('drive', every, { what: 'every', low: 1 })
  checkInteger('drive', start, { what: 'start', low: 0 })
  const runChunk = chunkOf(step)
  const source = inputs === undefined ? undefined : new Source(inputs)
  let current = mapLeaves(state, asTensor)
  let lastPause = now()
  try {
    for (let done = start; done < steps && signal?.aborted !== true; ) {
      // Chunks end at multiples of `every`, wherever the run started.
      const wanted = Math.min(every - (done % every), steps - done)
      const given = await source?.take(wanted)
      const count = given?.length ?? wanted
      if (count === 0) return
      const result = runChunk(current, given as readonly I[], count)
      current = result.state
      done += count
      yield { step: done, steps, metrics: await readNumbers(result.metrics), state: current }
      // Awaiting a synchronous backend never leaves the microtask queue: without a pause no timer or signal would fire.
      if (now() - lastPause > PAUSE_AFTER) {
        await new Promise((resolve) => setTimeout(resolve, 0))
        lastPause = now()
      }
    }
  } finally {
    await source?.close()
  }
}

/** Milliseconds of work after which timers, signals and the page get a turn. */
const PAUSE_AFTER = 12

function now(): number {
  return performance.now()
}

interface Chunk<S, M> {
  readonly state: S
  readonly metrics: M
}

/** Runs `count` steps as one compiled function and keeps the metrics of the last. */
function chunkOf<S, M, I>(
  step: Step<S, M, I>,
): (state: S, inputs: readonly I[] | undefined, count: number) => Chunk<S, M> {
  const body = (carry: S, input: I) => {
    const result = refusePromise('drive', step(carry, input))
    checkResult(result)
    return [result.state, result.metrics] as const
  }
  const run = (state: S, inputs: I, count: number) => {
    const { carry, ys } = scan(body, state, inputs, { length: count })
    return { state: carry, metrics: mapLeaves(ys, (y) => asTensor(y).slice(-1)) }
  }
  const compiled = jit(run, { static: [2], name: 'drive' })
  return (state, inputs, count) => compiled(state, stacked(inputs), count) as Chunk<S, M>
}

/** Several inputs as one, along a new leading axis. */
function stacked<I>(inputs: readonly I[] | undefined): I {
  if (inputs === undefined) return undefined as I
  const { structure } = flatten(inputs[0])
  const columns = inputs.map((input) => matching('drive', structure, input))
  return unflatten(
    structure,
    columns[0].map((_, k) => stack(columns.map((leaves) => asTensor(leaves[k])))),
  ) as I
}

function checkResult(result: unknown): void {
  if (typeof result !== 'object' || result === null || !('state' in result) || !('metrics' in result)) {
    throw new AdjointError('invalid-argument', {
      fn: 'drive',
      given: 'a step that returned something else',
      expected: '{ state, metrics }',
    })
  }
  for (const leaf of flatten(result.metrics).leaves) checkScalar(leaf)
}

function checkScalar(leaf: Leaf): void {
  if (typeof leaf === 'number' || leaf.ndim === 0) return
  throw new AdjointError('shape-mismatch', {
    fn: 'drive',
    given: `a metric ${formatAval(leaf)}`,
    expected: 'scalars, which are cheap to read',
    fix: 'Reduce it with mean() or max(), or keep it in the state',
  })
}

/** What a loop carries has a fixed dtype; a JavaScript number gets the default one. */
function asTensor(leaf: Leaf): Tensor {
  return typeof leaf === 'number' ? tensor(leaf) : leaf
}

function mapLeaves<T>(values: T, fn: (leaf: Leaf) => Tensor): T {
  const { leaves, structure } = flatten(values)
  return unflatten(structure, leaves.map(fn)) as T
}

async function readNumbers<M>(metrics: M): Promise<Numbers<M>> {
  const { leaves, structure } = flatten(metrics)
  const values = await Promise.all(
    leaves.map(async (leaf) => (typeof leaf === 'number' ? leaf : (await leaf.data())[0])),
  )
  return unflatten(structure, values) as Numbers<M>
}

/** Inputs from an iterable of either kind, several at a time. */
class Source<I> {
  private readonly iterator: Iterator<I> | AsyncIterator<I>

  constructor(inputs: Iterable<I> | AsyncIterable<I>) {
    this.iterator = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]()
  }

  async take(count: number): Promise<I[]> {
    const taken: I[] = []
    while (taken.length < count) {
      const next = await this.iterator.next()
      if (next.done === true) break
      taken.push(next.value)
    }
    return taken
  }

  async close(): Promise<void> {
    await this.iterator.return?.()
  }
}
