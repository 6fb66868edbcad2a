// One device at work: allocation, commands, pipelines, and kernels of the scalar IR as something to call.

import { AdjointError, type CompiledKernel, type DType, type ScalarKernel, type Storage } from '@adjoint/core'
import type { Precision } from './api.js'
import { Buffers, type GpuStorage } from './device/buffers.js'
import { Commands } from './device/commands.js'
import { Pipelines } from './device/pipelines.js'
import { type Launch, printKernel } from './wgsl/kernel.js'
import { printRows } from './wgsl/rows.js'
import { bitsOf } from './wgsl/scalar.js'

/** Everything of one backend that touches the device. */
export class Engine {
  readonly device: GPUDevice
  readonly buffers: Buffers
  readonly commands: Commands
  readonly precision: Precision
  private readonly pipelines: Pipelines

  constructor(device: GPUDevice, precision: Precision, poolBytes: number) {
    this.device = device
    this.precision = precision
    this.buffers = new Buffers(device, poolBytes)
    this.commands = new Commands(device, this.buffers)
    this.pipelines = new Pipelines(device)
  }

  /** A buffer for `size` elements, with anything in it. Every dtype has 4 bytes an element. */
  allocate(size: number): GpuStorage {
    this.commands.check()
    return this.buffers.take(4 * size)
  }

  /** Records a run of a module; the numbers are bits. */
  launch(
    { shader, groups }: Launch,
    bindings: readonly GpuStorage[],
    writes: readonly GpuStorage[],
    numbers?: Uint32Array,
  ): void {
    if (groups[0] * groups[1] * groups[2] === 0) return
    this.commands.run({ pipeline: this.pipelines.of(shader), bindings, writes, numbers, groups })
  }

  /** A kernel of the scalar IR as a function that records its runs. */
  compile(kernel: ScalarKernel): CompiledKernel {
    const most = this.device.limits.maxStorageBuffersPerShaderStage
    if (kernel.buffers.length > most) {
      throw new AdjointError('device-failed', {
        fn: kernel.name,
        given: `a kernel over ${kernel.buffers.length} buffers`,
        expected: `at most ${most}, what the GPU binds at once`,
      })
    }
    const threads = this.device.limits.maxComputeInvocationsPerWorkgroup
    if (kernel.workgroup > threads) {
      throw new AdjointError('device-failed', {
        fn: kernel.name,
        given: `a workgroup of ${kernel.workgroup} threads`,
        expected: `at most ${threads}`,
      })
    }
    const total = kernel.grid.reduce((a, b) => a * b, 1)
    if (total % kernel.workgroup !== 0) {
      throw new AdjointError('device-failed', {
        fn: kernel.name,
        given: `a grid of ${total} threads in workgroups of ${kernel.workgroup}`,
        expected: 'whole workgroups',
      })
    }
    const { launches, parts } = printRows(kernel, this.precision, most) ?? {
      launches: [printKernel(kernel, this.precision)],
      parts: 0,
    }
    return (inputs, outputs, scalars) => {
      const numbers =
        scalars.length === 0 ? undefined : Uint32Array.from(scalars, (v, i) => bitsOf(v, kernel.parameters[i]))
      const [reads, writes] = [inputs as readonly GpuStorage[], outputs as readonly GpuStorage[]]
      if (parts === 0) return this.launch(launches[0], [...reads, ...writes], writes, numbers)
      this.withScratch(parts, (scratch) => {
        const bindings = [...reads, ...writes, scratch]
        this.launch(launches[0], bindings, [...writes, scratch], numbers)
        this.launch(launches[1], bindings, writes, numbers)
      })
    }
  }

  /** Lends a buffer of `words`, taken back at once: commands run in order. */
  withScratch<R>(words: number, fn: (scratch: GpuStorage) => R): R {
    const scratch = this.allocate(words)
    try {
      return fn(scratch)
    } finally {
      this.buffers.release(scratch)
    }
  }

  /** A buffer with data, in one that no recorded command uses. */
  write(data: ArrayLike<number>, dtype: DType): GpuStorage {
    this.commands.check()
    const words = dtype === 'bool' ? Uint32Array.from(data) : (data as unknown as ArrayBufferView<ArrayBuffer>)
    const storage = this.buffers.take(4 * data.length, this.commands.batch)
    this.commands.upload(storage, words)
    return storage
  }

  /** The elements of a buffer. */
  async read(storage: Storage, dtype: DType, size: number) {
    const words = await this.commands.download(storage as GpuStorage, 4 * size)
    if (dtype === 'float32') return new Float32Array(words)
    if (dtype === 'int32') return new Int32Array(words)
    const unsigned = new Uint32Array(words)
    return dtype === 'uint32' ? unsigned : Uint8Array.from(unsigned)
  }
}
