// GPU times of kernels, by timestamp queries around a pass of its own for each.

import type { KernelTime } from '../api.js'

const QUERY_RESOLVE = 0x200
const COPY_SRC = 0x4
const COPY_DST = 0x8
const MAP_READ = 0x1
/** Kernels timed in one submission; what WebGPU allows of queries in a set, by two. */
const MOST_KERNELS = 2048

/** Times the kernels of one submission after the other. */
export class Profiler {
  /** What is known so far, in order. */
  readonly times: KernelTime[] = []
  private readonly device: GPUDevice
  private readonly waiting: Promise<void>[] = []

  constructor(device: GPUDevice) {
    this.device = device
  }

  /** Queries for a submission. */
  start(): Submission {
    return new Submission(this.device, (work) => this.waiting.push(work), this.times)
  }

  /** Resolves when all times are known. */
  async finish(): Promise<void> {
    await Promise.all(this.waiting)
    this.times.sort((a, b) => a.start - b.start)
  }
}

/** The queries of one submission. */
export class Submission {
  private readonly device: GPUDevice
  private readonly wait: (work: Promise<void>) => void
  private readonly times: KernelTime[]
  private readonly queries: GPUQuerySet
  private readonly names: string[] = []

  constructor(device: GPUDevice, wait: (work: Promise<void>) => void, times: KernelTime[]) {
    this.device = device
    this.wait = wait
    this.times = times
    this.queries = device.createQuerySet({ type: 'timestamp', count: 2 * MOST_KERNELS })
  }

  get isFull(): boolean {
    return this.names.length >= MOST_KERNELS
  }

  /** The description of the pass of one kernel. */
  pass(name: string): GPUComputePassDescriptor {
    const at = 2 * (this.names.push(name) - 1)
    return {
      timestampWrites: {
        querySet: this.queries,
        beginningOfPassWriteIndex: at,
        endOfPassWriteIndex: at + 1,
      },
    }
  }

  /** Ends the encoder's work; call `read` after submitting. */
  resolve(encoder: GPUCommandEncoder): () => void {
    const count = 2 * this.names.length
    if (count === 0) return () => this.queries.destroy()
    const size = 8 * count
    const resolved = this.device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC })
    const staging = this.device.createBuffer({ size, usage: MAP_READ | COPY_DST })
    encoder.resolveQuerySet(this.queries, 0, count, resolved, 0)
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size)
    return () => this.wait(this.read(staging, resolved))
  }

  private async read(staging: GPUBuffer, resolved: GPUBuffer): Promise<void> {
    await staging.mapAsync(MAP_READ)
    const stamps = new BigUint64Array(staging.getMappedRange())
    this.names.forEach((name, i) => {
      const [start, end] = [Number(stamps[2 * i]) / 1000, Number(stamps[2 * i + 1]) / 1000]
      this.times.push({ name, start, microseconds: end - start })
    })
    staging.destroy()
    resolved.destroy()
    this.queries.destroy()
  }
}
