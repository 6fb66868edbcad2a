// Work recorded in order and submitted together: one encoder for as many kernels as come before the next read.

import { AdjointError } from '@adjoint/core'
import type { Buffers, GpuStorage, Slot } from './buffers.js'
import type { Pipeline } from './pipelines.js'
import type { Profiler } from './profiler.js'

/** A run of a pipeline. */
export interface Run {
  readonly pipeline: Pipeline
  /** The storage of each binding. */
  readonly bindings: readonly GpuStorage[]
  /** Those of them that it writes. */
  readonly writes: readonly GpuStorage[]
  /** The numbers it is handed, as bits. */
  readonly numbers: Uint32Array | undefined
  readonly groups: readonly [x: number, y: number, z: number]
}

/** A copy between buffers. */
interface Copy {
  readonly pipeline: undefined
  readonly from: GpuStorage
  readonly fromByte: number
  readonly to: GPUBuffer
  readonly toByte: number
  readonly bytes: number
  /** What is poisoned where the source is. */
  readonly target: GpuStorage | undefined
}

const UNIFORM = 0x40
const COPY_DST = 0x8
const MAP_READ = 0x1
/** Room for numbers in one submission. */
const ARENA_BYTES = 1 << 18
/** Commands after which work is handed to the GPU without waiting for a read. */
const MOST_PENDING = 512
const MOST_BIND_GROUPS = 8192
const DONE: Promise<void> = /* @__PURE__ */ Promise.resolve()

/** Records commands for one device. */
export class Commands {
  /** Why the device no longer works. */
  failure: AdjointError | undefined
  /** The number of the batch being recorded. */
  batch = 0
  /** Set while kernels are timed. */
  profiler: Profiler | undefined
  private readonly device: GPUDevice
  private readonly buffers: Buffers
  private readonly arena: GPUBuffer
  private readonly align: number
  private readonly groups = new Map<string, GPUBindGroup>()
  private readonly staging = new Map<number, GPUBuffer[]>()
  private pending: (Run | Copy)[] = []
  private flushing: Promise<void> | undefined
  private together: Promise<void> | undefined
  private scheduled = false

  constructor(device: GPUDevice, buffers: Buffers) {
    this.device = device
    this.buffers = buffers
    this.arena = device.createBuffer({ size: ARENA_BYTES, usage: UNIFORM | COPY_DST })
    this.align = device.limits.minUniformBufferOffsetAlignment
  }

  run(run: Run): void {
    for (const { slot } of run.bindings) slot.batch = this.batch
    this.add(run)
  }

  /** Copies bytes from one storage into another. */
  copy(from: GpuStorage, fromByte: number, to: GpuStorage, toByte: number, bytes: number): void {
    if (bytes === 0) return
    from.slot.batch = this.batch
    to.slot.batch = this.batch
    this.add({ pipeline: undefined, from, fromByte, to: to.slot.buffer, toByte, bytes, target: to })
  }

  /** Uploads data at once; the storage must be one that no recorded command uses. */
  upload(to: GpuStorage, data: ArrayBufferView<ArrayBuffer>): void {
    this.check()
    if (data.byteLength > 0) this.device.queue.writeBuffer(to.slot.buffer, 0, data)
  }

  /** The first `bytes` of a storage as they are after all commands recorded so far. */
  async download(from: GpuStorage, bytes: number): Promise<ArrayBuffer> {
    this.check()
    if (bytes === 0) return new ArrayBuffer(0)
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)))
    const staging = this.staging.get(size)?.pop() ?? this.device.createBuffer({ size, usage: MAP_READ | COPY_DST })
    from.slot.batch = this.batch
    this.add({ pipeline: undefined, from, fromByte: 0, to: staging, toByte: 0, bytes, target: undefined })
    await this.flushTogether()
    if (from.error !== undefined) throw from.error
    try {
      await staging.mapAsync(MAP_READ, 0, bytes)
    } catch (cause) {
      throw this.failure ?? broken('data', `a read that failed: ${messageOf(cause)}`, cause)
    }
    const data = staging.getMappedRange(0, bytes).slice(0)
    staging.unmap()
    const kept = this.staging.get(size) ?? []
    this.staging.set(size, kept)
    if (kept.length < 4 && size <= 1 << 24) kept.push(staging)
    else staging.destroy()
    this.check()
    return data
  }

  /** Submits what is recorded; waits for pipelines that are still being compiled. */
  flush(): Promise<void> {
    if (this.flushing !== undefined) return this.flushing
    if (this.uncompiled().length > 0) {
      this.flushing = this.submitWhenCompiled()
      return this.flushing
    }
    this.submit()
    return DONE
  }

  /** Submits when the reads asked for at the same time are recorded too. */
  private flushTogether(): Promise<void> {
    this.together ??= Promise.resolve().then(() => {
      this.together = undefined
      return this.flush()
    })
    return this.together
  }

  /** Throws where the device is gone. */
  check(): void {
    if (this.failure !== undefined) throw this.failure
  }

  private add(command: Run | Copy): void {
    this.check()
    this.pending.push(command)
    if (this.pending.length % MOST_PENDING === 0) void this.flush()
    if (this.scheduled) return
    this.scheduled = true
    nextTurn(() => {
      this.scheduled = false
      if (this.pending.length > 0) void this.flush()
    })
  }

  private async submitWhenCompiled(): Promise<void> {
    for (let waiting = this.uncompiled(); waiting.length > 0; waiting = this.uncompiled())
      await Promise.all(waiting.map((p) => p.settle(waiting.length === 1)))
    this.flushing = undefined
    this.submit()
  }

  private uncompiled(): Pipeline[] {
    const out = new Set<Pipeline>()
    for (const { pipeline } of this.pending)
      if (pipeline !== undefined && pipeline.compiled === undefined && pipeline.error === undefined) out.add(pipeline)
    return [...out]
  }

  private submit(): void {
    const commands = this.pending
    this.pending = []
    this.batch++
    if (this.failure !== undefined) return
    try {
      for (let start = 0; start < commands.length; ) start = this.encode(commands, start)
      this.buffers.sweep()
    } catch (cause) {
      this.failure ??= broken('webgpu', `a submission that failed: ${messageOf(cause)}`, cause)
    }
  }

  /** Encodes and submits commands from `start` on, as many as the arena has room for; returns where it stopped. */
  private encode(commands: readonly (Run | Copy)[], start: number): number {
    const encoder = this.device.createCommandEncoder()
    const numbers: (readonly [offset: number, data: Uint32Array])[] = []
    const timed = this.profiler?.start()
    let pass: GPUComputePassEncoder | undefined
    let offset = 0
    let i = start
    for (; i < commands.length; i++) {
      const command = commands[i]
      if (poisoned(command)) continue
      if (command.pipeline === undefined) {
        pass?.end()
        pass = undefined
        encoder.copyBufferToBuffer(
          command.from.slot.buffer,
          command.fromByte,
          command.to,
          command.toByte,
          command.bytes,
        )
        continue
      }
      const { pipeline } = command
      if (offset + pipeline.uniformBytes > ARENA_BYTES || timed?.isFull) break
      if (timed !== undefined) pass?.end()
      pass =
        timed === undefined
          ? (pass ?? encoder.beginComputePass())
          : encoder.beginComputePass(timed.pass(pipeline.shader.name))
      pass.setPipeline(pipeline.compiled as GPUComputePipeline)
      const group = this.groupOf(command)
      if (pipeline.uniformBytes > 0) {
        numbers.push([offset, command.numbers as Uint32Array])
        pass.setBindGroup(0, group, [offset])
        offset = Math.ceil((offset + pipeline.uniformBytes) / this.align) * this.align
      } else pass.setBindGroup(0, group)
      pass.dispatchWorkgroups(...command.groups)
    }
    pass?.end()
    if (offset > 0) this.writeNumbers(numbers, offset)
    const read = timed?.resolve(encoder)
    this.device.queue.submit([encoder.finish()])
    read?.()
    return i
  }

  private writeNumbers(numbers: readonly (readonly [number, Uint32Array])[], bytes: number): void {
    const all = new Uint32Array(Math.min(bytes, ARENA_BYTES) / 4)
    for (const [offset, data] of numbers) all.set(data, offset / 4)
    this.device.queue.writeBuffer(this.arena, 0, all)
  }

  private groupOf({ pipeline, bindings }: Run): GPUBindGroup {
    const slots: Slot[] = bindings.map((s) => s.slot)
    const key = `${pipeline.layoutId}:${slots.map((s) => s.id).join()}`
    const known = this.groups.get(key)
    if (known !== undefined) return known
    if (this.groups.size >= MOST_BIND_GROUPS) this.groups.clear()
    const entries: GPUBindGroupEntry[] = slots.map(({ buffer }, binding) => ({ binding, resource: { buffer } }))
    if (pipeline.uniformBytes > 0)
      entries.push({ binding: slots.length, resource: { buffer: this.arena, size: pipeline.uniformBytes } })
    const made = this.device.createBindGroup({ layout: pipeline.layout, entries })
    this.groups.set(key, made)
    return made
  }
}

function broken(fn: string, given: string, cause: unknown): AdjointError {
  return new AdjointError('device-failed', { fn, given, cause })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Whether a command cannot run; what it would have written then carries the error. */
function poisoned(command: Run | Copy): boolean {
  if (command.pipeline === undefined) {
    if (command.target !== undefined && command.from.error !== undefined) command.target.error = command.from.error
    return command.from.error !== undefined
  }
  const error = command.pipeline.error ?? command.bindings.find((s) => s.error !== undefined)?.error
  if (error === undefined) return false
  for (const out of command.writes) out.error = error
  return true
}

function nextTurn(fn: () => void): void {
  const { setImmediate: soon } = globalThis as { setImmediate?: (fn: () => void) => unknown }
  if (soon !== undefined) soon(fn)
  else setTimeout(fn, 0)
}
