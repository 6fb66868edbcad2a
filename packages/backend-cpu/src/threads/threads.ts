// Turns threads on and off: a new heap in shared memory takes over all tensors, and workers join the main thread on it.

import { AdjointError, type Backend } from '@adjoint/core'
import { cpu } from '../cpu.js'
import { Heap } from '../heap/heap.js'
import { storeOf } from '../internals.js'
import type { Store } from '../storage.js'
import { MOST_THREADS } from './layout.js'
import { nodeModule } from './node.js'
import { Team } from './team.js'

/** Options of `threads`. */
export interface ThreadsOptions {
  /** A backend that `createCpu` has made. @defaultValue `cpu` */
  readonly backend?: Backend
  /** Microseconds that a kernel must take on one thread to be shared; what it takes is measured. @defaultValue 50 */
  readonly from?: number
  /** Milliseconds without a sign of life after which a worker counts as dead. @defaultValue 5000 */
  readonly patience?: number
}

/** The last change of each backend: the next one waits for it. */
const changes = /* @__PURE__ */ new WeakMap<Store, Promise<unknown>>()
let hasNoticed = false

/**
 * Sets how many threads compute on the CPU backend: matrix products, large fused and element-wise kernels, reductions.
 * The main thread is one of them; the others are workers that share its memory. Results are the same bits for any number.
 * Tensors stay valid. Host function: it awaits the workers, and returns how many threads there are.
 *
 * Where memory cannot be shared (in pages that are not cross-origin isolated, and without WebAssembly) it is 1, with one
 * notice. In Node the workers do not keep the process alive. `threads(1)` ends them.
 *
 * @param count - threads, 16 at most; as many as the machine runs at once by default
 * @throws AdjointError `invalid-argument` where `count` is no positive integer or the backend is of another package;
 * `device-failed` where workers do not start, as under a content security policy without `worker-src blob:`
 *
 * @example
 * await threads(2)
 * const x = ones([512, 512])
 * x.matmul(x).sum().item()   // 134217728
 * await threads(1)
 */
export async function threads(count: number = available(), options: ThreadsOptions = {}): Promise<number> {
  const { backend = cpu, from = 50, patience = 5000 } = options
  if (!Number.isInteger(count) || count < 1)
    throw invalid(`count ${String(count)}`, 'a positive integer', 'Pass the number of threads')
  if (!(from >= 0 && patience > 0))
    throw invalid(`from ${from}, patience ${patience}`, 'microseconds and milliseconds above 0')
  const store = storeOf(backend)
  if (store === undefined)
    throw invalid(`backend '${backend.name}'`, 'a backend made by createCpu', 'Pass { backend } or leave it out')
  const before = changes.get(store) ?? Promise.resolve()
  const change = before.then(() => apply(store, { size: Math.min(count, MOST_THREADS), from, patience }))
  changes.set(
    store,
    change.catch(() => undefined),
  )
  return change
}

interface Setting {
  readonly size: number
  readonly from: number
  readonly patience: number
}

async function apply(store: Store, setting: Setting): Promise<number> {
  const old = store.heap()
  old?.team?.close()
  if (setting.size === 1 || old === null || !canShare()) {
    if (setting.size > 1) notice()
    if (old?.shared === true) store.replaceHeap((limit) => new Heap(limit))
    return 1
  }
  return start(store, setting)
}

/** A shared heap with its team in place of the old one. The main thread works at once, the others as they come. */
function replace(store: Store, setting: Setting): Team {
  let team: Team | undefined
  store.replaceHeap((limit) => {
    const heap = new Heap(limit, true)
    team = new Team(heap, { ...setting, onLost: () => restart(store, setting) })
    heap.team = team
    return heap
  })
  return team as Team
}

async function start(store: Store, setting: Setting): Promise<number> {
  try {
    await replace(store, setting).ready
    return setting.size
  } catch (error) {
    store.replaceHeap((limit) => new Heap(limit))
    throw error
  }
}

/** New workers on new memory: what is left of the old ones may still write to theirs. */
function restart(store: Store, setting: Setting): void {
  const change = start(store, setting)
  changes.set(
    store,
    change.catch((error) => console.warn(`Adjoint goes on with one thread. ${error}`)),
  )
}

/** Whether this engine and this page let memory be shared with workers. */
function canShare(): boolean {
  const isAlone = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === false
  const hasWorkers = typeof globalThis.Worker === 'function' || nodeModule('node:worker_threads') !== undefined
  return typeof SharedArrayBuffer === 'function' && !isAlone && hasWorkers
}

function notice(): void {
  if (!hasNoticed)
    console.warn(
      'Threads need WebAssembly and shared memory: Adjoint goes on with one. Pages get it by the headers ' +
        '`Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.',
    )
  hasNoticed = true
}

/** How many threads run at once here. */
function available(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } }
  return navigator?.hardwareConcurrency ?? nodeModule('node:os')?.availableParallelism() ?? 1
}

function invalid(given: string, expected: string, fix = 'See threads'): AdjointError {
  return new AdjointError('invalid-argument', { fn: 'threads', given, expected, fix })
}
