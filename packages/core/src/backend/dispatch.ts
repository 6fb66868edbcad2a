// Runs work on a backend: at once where it is synchronous, else in the backend's ordered queue of jobs.

import { scalarArray } from '../dtype.js'
import { AdjointError, callSite, locate } from '../error.js'
import { runtime } from '../runtime.js'
import { type Aval, sizeOf } from '../shape.js'
import { concreteTensor, type Tensor } from '../tensor.js'
import type { Backend } from './backend.js'
import { Buffer } from './buffer.js'
import type { Storage } from './kernel.js'

/** Work on storages: results at once, or promised. */
export type Work = (inputs: readonly Storage[]) => readonly Storage[] | Promise<readonly Storage[]>

/** Waiting jobs of an asynchronous backend. */
interface Queue {
  depth: number
  tail: Promise<void>
}

const queues = /* @__PURE__ */ new WeakMap<Backend, Queue>()

function queueOf(backend: Backend): Queue {
  const found = queues.get(backend)
  if (found !== undefined) return found
  const made = { depth: 0, tail: Promise.resolve() }
  queues.set(backend, made)
  return made
}

interface Job {
  readonly backend: Backend
  readonly fn: string
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Aval[]
  readonly work: Work
  readonly aliases: readonly (number | undefined)[] | undefined
}

/** @internal Tensors of the given types computed by `work` from `inputs`; output `i` shares input `aliases[i]` where set. */
export function dispatch(
  backend: Backend,
  fn: string,
  inputs: readonly Tensor[],
  outputs: readonly Aval[],
  work: Work,
  aliases?: readonly (number | undefined)[],
): Tensor[] {
  const job: Job = { backend, fn, inputs, outputs, work, aliases }
  return backend.sync ? runNow(job) : enqueue(job)
}

function runNow(job: Job): Tensor[] {
  const { backend, fn, inputs, work } = job
  const storages = new Array<Storage>(inputs.length)
  for (let i = 0; i < inputs.length; i++) {
    const { buffer } = inputs[i]
    if (buffer?.state === 'pending') return enqueue(job)
    buffer?.check(fn)
    storages[i] = buffer === null ? literalStorage(inputs[i], backend) : buffer.storage
  }
  const results = work(storages)
  if (results instanceof Promise) {
    const finished = results.finally(() => releaseLiterals(backend, inputs, storages))
    return enqueue({ ...job, work: () => finished })
  }
  releaseLiterals(backend, inputs, storages)
  return resultTensors(job, (buffer, i) => buffer.fill(results[i]))
}

/** The tensors of a job: over an input's buffer where they share it, over one of their own elsewhere. */
function resultTensors(
  { backend, inputs, outputs, aliases }: Job,
  fresh: (buffer: Buffer, i: number) => void,
): Tensor[] {
  const tensors = new Array<Tensor>(outputs.length)
  for (let i = 0; i < tensors.length; i++) {
    const { shape, dtype, weak } = outputs[i]
    const shared = aliases?.[i]
    let buffer = shared === undefined ? null : inputs[shared].buffer
    if (buffer === null) {
      buffer = new Buffer(backend, dtype, sizeOf(shape))
      fresh(buffer, i)
    } else buffer.retain()
    tensors[i] = concreteTensor(shape, buffer, weak, dtype)
  }
  return tensors
}

function enqueue(job: Job): Tensor[] {
  const { backend, fn, inputs, work } = job
  const queue = queueOf(backend)
  if (queue.depth >= runtime.settings.queueLimit) {
    throw new AdjointError('queue-overflow', {
      fn,
      given: `${queue.depth} operations waiting on backend '${backend.name}'`,
      fix: 'Await a result now and then: `await x.data()`',
    })
  }
  const site = callSite()
  for (const { buffer } of inputs) if (buffer?.state !== 'failed') buffer?.check(fn)
  const sources = inputs.map((x) => x.buffer?.hold() ?? null)
  const own = new Map<Buffer, number>()
  const tensors = resultTensors(job, (buffer, i) => own.set(buffer, i))
  const run = async () => {
    try {
      await Promise.all(sources.map((s) => s?.settled))
      const failed = sources.find((s) => s !== null && s.error !== undefined)
      if (failed) throw failed.error
      const storages = sources.map((s, i) => (s === null ? literalStorage(inputs[i], backend) : s.storage))
      const results = await Promise.resolve(storages)
        .then(work)
        .finally(() => releaseLiterals(backend, inputs, storages))
      for (const [buffer, i] of own) buffer.fill(results[i])
    } catch (error) {
      for (const buffer of own.keys()) buffer.fail(locate(error, fn, site))
    } finally {
      queue.depth--
      for (const source of sources) source?.letGo()
    }
  }
  queue.depth++
  queue.tail = queue.tail.then(run)
  for (const buffer of own.keys()) buffer.settled = queue.tail
  return tensors
}

function literalStorage(tensor: Tensor, backend: Backend): Storage {
  return backend.write(scalarArray(tensor.dtype, tensor.literal ?? 0), tensor.dtype)
}

function releaseLiterals(backend: Backend, inputs: readonly Tensor[], storages: readonly Storage[]): void {
  if (backend.release === undefined) return
  for (let i = 0; i < inputs.length; i++) if (inputs[i].buffer === null) backend.release(storages[i])
}

/** @internal Waits until the backend has nothing queued. */
export async function drained(backend: Backend): Promise<void> {
  const queue = queueOf(backend)
  while (queue.depth > 0) await queue.tail
}
