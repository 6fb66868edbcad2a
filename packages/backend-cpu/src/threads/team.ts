// The threads of one heap: the main one and its workers take chunks of a call in turns until none is left.
// R. Blumofe, C. Leiserson, Scheduling Multithreaded Computations by Work Stealing, 1999, with one shared counter for a queue.

import { AdjointError } from '@adjoint/core'
import { HOST } from '../codegen/host.js'
import type { Heap } from '../heap/heap.js'
import { instantiate } from '../wasm/instance.js'
import * as at from './layout.js'
import { spawn, type Worker } from './spawn.js'
import { ROOM, type Task } from './task.js'
import { workerSource } from './worker-source.js'

/** Tasks after which all are forgotten, so that programs whose kernels keep changing do not grow without bound. */
const MOST_TASKS = 4096
/** Milliseconds until workers must be ready. */
const START = 20_000
/** Milliseconds that the main thread spins before it sleeps, where it may. */
const SPIN = 0.2
/** A pause longer than this is not the worker's: the whole process was stopped. */
const PAUSE = 50
/** Calls between two looks at the heartbeats, which must be this many milliseconds apart. */
const LOOK_CALLS = 1024
const LOOK_TIME = 5000

/** How a team works. */
export interface TeamOptions {
  /** Threads, the main one included. */
  readonly size: number
  /** Microseconds of work from which it is shared. */
  readonly from: number
  /** Milliseconds without a sign of life after which a worker is dead. */
  readonly patience: number
  /** Called once when a worker has died. */
  readonly onLost: () => void
}

/** Threads over one memory. */
export class Team {
  readonly size: number
  readonly from: number
  /** Settles when all workers run; fails where they cannot. */
  readonly ready: Promise<void>
  /** Where each thread has room of its own, ROOM bytes one after the other; -1 where the heap is too small for that. */
  readonly rooms: number
  private readonly memory: WebAssembly.Memory
  private readonly patience: number
  private readonly onLost: () => void
  private readonly control = new SharedArrayBuffer(at.CONTROL_BYTES)
  private readonly words = new Int32Array(this.control)
  private readonly numbers = new Float64Array(this.control, at.ARGUMENTS_AT, at.MOST_ARGUMENTS)
  private readonly code = new Uint8Array(this.control, at.TASK_AT)
  private readonly mayBlock = canBlock()
  private readonly everyone: number
  private readonly workers: Worker[] = []
  private tasks = 0
  private generation = 0
  private isReady = false
  private isClosed = false
  private looked: { readonly time: number; readonly beats: readonly number[] } = { time: 0, beats: [] }

  constructor(heap: Pick<Heap, 'memory' | 'keep'>, { size, from, patience, onLost }: TeamOptions) {
    this.memory = heap.memory
    this.rooms = heap.keep(size * ROOM)
    this.size = size
    this.from = from
    this.patience = patience
    this.onLost = onLost
    this.everyone = 2 ** size - 2
    this.ready = this.start()
    this.ready.catch(() => undefined)
  }

  /** A task from a module that imports the shared memory and exports `run`; null where it is too large. */
  task(bytes: Uint8Array<ArrayBuffer>): Task | null {
    if (bytes.length > at.MOST_TASK_BYTES) return null
    const { run } = instantiate(bytes, this.memory, HOST)
    return { id: ++this.tasks, bytes, run, known: 0, generation: 0 }
  }

  /**
   * Runs a task over `0 .. length` in chunks of `step`, and returns when all are done.
   *
   * @throws AdjointError `device-failed` where a chunk fails or a worker dies; the team is gone then
   */
  run(task: Task, numbers: readonly number[], length: number, step: number): void {
    const count = Math.ceil(length / step)
    this.publish(task, numbers, length, step, count)
    const began = performance.now()
    let own = 0
    try {
      // The last chunk was kept for this thread.
      for (let chunk = count - 1; chunk >= 0; chunk = this.take()) {
        own++
        task.run(...numbers, chunk * step, Math.min(length, (chunk + 1) * step), 0)
      }
    } catch (error) {
      Atomics.store(this.words, at.LEFT, 0)
      throw this.lose(error)
    }
    const patience = Math.max(this.patience, 20 * (performance.now() - began))
    if (!this.finish(count - own, patience))
      throw this.lose(`a worker gave no sign of life for ${Math.round(patience)} ms`)
    if (Atomics.load(this.words, at.FAILED) > 0) throw this.lose(this.message())
    task.known |= Atomics.load(this.words, at.KNOWN)
  }

  /** Ends the workers. */
  close(): void {
    this.isClosed = true
    for (const worker of this.workers) worker.end()
  }

  private async start(): Promise<void> {
    const source = workerSource(HOST)
    const starts = Array.from({ length: this.size - 1 }, (_, i) => this.startWorker(source, i + 1))
    const late = after(START)
    try {
      await Promise.race([Promise.all(starts), late.promise])
      this.isReady = true
    } catch (reason) {
      throw this.lose(reason)
    } finally {
      late.cancel()
    }
  }

  private startWorker(source: string, who: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const lost = (reason: unknown) => {
        reject(reason)
        if (this.isReady) this.lose(reason)
      }
      this.workers.push(spawn(source, { control: this.control, memory: this.memory, who }, { ready: resolve, lost }))
    })
  }

  /** Ends the team, and says why. */
  private lose(reason: unknown): AdjointError {
    const isFirst = !this.isClosed
    this.close()
    if (isFirst && this.isReady) this.onLost()
    return new AdjointError('device-failed', {
      fn: 'threads',
      given: `workers that do not run: ${reason instanceof Error ? reason.message : String(reason)}`,
      fix: this.isReady
        ? 'Compute again: new workers take over'
        : 'Allow workers (in a page `worker-src blob:` in its content security policy), or do without threads',
      cause: reason,
    })
  }

  private publish(task: Task, numbers: readonly number[], length: number, step: number, count: number): void {
    const { words } = this
    if (Math.floor(this.tasks / MOST_TASKS) > this.generation) this.generation++
    if (task.generation !== this.generation) task.known = 0
    task.generation = this.generation
    if ((task.known & this.everyone) !== this.everyone) this.code.set(task.bytes)
    words[at.TASK] = task.id
    words[at.TASK_BYTES] = task.bytes.length
    words[at.GENERATION] = this.generation
    words[at.ARGUMENTS] = numbers.length
    words[at.LENGTH] = length
    words[at.STEP] = step
    this.numbers.set(numbers)
    Atomics.store(words, at.KNOWN, 0)
    Atomics.store(words, at.FAILED, 0)
    Atomics.store(words, at.DONE, 0)
    Atomics.store(words, at.LEFT, count - 1)
    const calls = Atomics.add(words, at.CALLS, 1)
    if (Atomics.load(words, at.SLEEPING) > 0) Atomics.notify(words, at.CALLS)
    if (calls % LOOK_CALLS === 0) this.look()
  }

  /** A chunk that nobody has taken; -1 if there is none. */
  private take(): number {
    for (;;) {
      const left = Atomics.load(this.words, at.LEFT)
      if (left === 0) return -1
      if (Atomics.compareExchange(this.words, at.LEFT, left, left - 1) === left) return left - 1
    }
  }

  /** Waits for the chunks of the others; false when nothing has moved for too long. */
  private finish(expected: number, patience: number): boolean {
    const { words } = this
    let [signs, quiet, last] = [-1, 0, performance.now()]
    for (let round = 0; ; round++) {
      const done = Atomics.load(words, at.DONE)
      if (done === expected) return true
      if (round % 64 !== 0) continue
      const now = performance.now()
      quiet += Math.min(now - last, PAUSE)
      last = now
      const seen = this.beats().reduce((sum, beat) => sum + beat, done)
      if (seen !== signs) quiet = 0
      signs = seen
      if (quiet > patience) return false
      if (this.mayBlock && quiet > SPIN) this.sleep(done)
    }
  }

  private sleep(done: number): void {
    Atomics.store(this.words, at.MAIN_SLEEPS, 1)
    Atomics.wait(this.words, at.DONE, done, 5)
    Atomics.store(this.words, at.MAIN_SLEEPS, 0)
  }

  private beats(): number[] {
    return this.workers.map((_, i) => Atomics.load(this.words, at.BEAT + at.BEAT_LINE * (i + 1)))
  }

  /** Replaces the team, when the running call is over, where a worker has slept through all calls since the last look. */
  private look(): void {
    const { time, beats } = this.looked
    const now = performance.now()
    if (now - time < LOOK_TIME) return
    this.looked = { time: now, beats: this.beats() }
    if (this.looked.beats.some((beat, i) => beat === beats[i])) queueMicrotask(() => this.lose('a worker sleeps'))
  }

  private message(): string {
    const [length, ...text] = new Uint16Array(this.control, at.MESSAGE_AT, at.MOST_MESSAGE + 1)
    return String.fromCharCode(...text.slice(0, length))
  }
}

/** Whether the main thread may sleep: not in a page. */
function canBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0)
    return true
  } catch {
    return false
  }
}

function after(ms: number) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer for ${ms} ms`)), ms)
  })
  return { promise, cancel: () => clearTimeout(timer) }
}
