// The backend: element-wise primitives and fused groups print themselves as WGSL, the rest has kernels in a table.

import {
  AdjointError,
  type Backend,
  bind1,
  type DType,
  defineBackend,
  definePrimitive,
  type Kernel,
  type KernelCall,
  type Primitive,
  type Shape,
  synchronize,
  type Tensor,
  withBackend,
} from '@adjoint/core'
import { codegen, sizeOf } from '@adjoint/core/codegen'
import type { AdapterDescription, KernelTime, Profile, WebgpuBackend, WebgpuOptions } from './api.js'
import { BORROWED_USAGE, type GpuStorage } from './device/buffers.js'
import { openDevice } from './device/open.js'
import { Profiler } from './device/profiler.js'
import { Engine } from './engine.js'
import { fusedAlone } from './kernels/alone.js'
import { type KernelFactory, kernelTable, type Run } from './kernels/table.js'

const DTYPES = ['float32', 'int32', 'uint32', 'bool'] as const
const POOL_BYTES = 1 << 28
const MOST_OPERATIONS = 128
const MOST_KERNELS = 4096

/**
 * Makes a backend that runs on a GPU: `navigator.gpu` in browsers, the package `webgpu` in Node.
 *
 * @throws AdjointError `device-failed` where there is no WebGPU or no adapter
 * @example
 * const gpu = await webgpu({ powerPreference: 'high-performance' }).catch(() => null)   // null: no GPU here
 * if (gpu !== null) setBackend(gpu)
 */
export async function webgpu(options: WebgpuOptions = {}): Promise<WebgpuBackend> {
  const { name = 'webgpu', precision = 'accurate', poolBytes = POOL_BYTES } = options
  const device = await openDevice(options)
  const engine = new Engine(device, precision, poolBytes)
  watch(engine)
  const backend: Backend = defineBackend({
    name,
    dtypes: DTYPES,
    sync: false,
    external: true,
    write: (data, dtype) => engine.write(data, dtype),
    read: (storage, dtype, size) => engine.read(storage, dtype, size),
    release: (storage) => engine.buffers.release(storage as GpuStorage),
    memory: () => engine.buffers.memory(),
    find: finder(engine),
    codegen: codegen({
      compile: (kernel) => engine.compile(kernel),
      allocate: (_, size) => engine.allocate(size),
      limits: { buffers: device.limits.maxStorageBuffersPerShaderStage, operations: MOST_OPERATIONS },
    }),
  })
  return Object.assign(backend, {
    device,
    adapter: describe(device),
    toGPUBuffer: (x: Tensor) => bufferOf(backend, engine, x),
    fromGPUBuffer: (buffer: GPUBuffer, shape: Shape, dtype: DType = 'float32') =>
      tensorOver(backend, engine, buffer, shape, dtype),
    profile: <R>(fn: () => R | Promise<R>) => profiled(backend, engine, fn),
    destroy: () => {
      engine.commands.failure ??= gone(name, 'a backend that was destroyed')
      if (options.device === undefined) device.destroy()
    },
  })
}

/** Every failure of the device reaches the next read, or the next operation. */
function watch({ device, commands }: Engine): void {
  void device.lost.then(({ reason, message }) => {
    commands.failure ??= gone('webgpu', `a lost device (${reason}: ${message})`)
  })
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event as GPUUncapturedErrorEvent
    commands.failure ??= gone('webgpu', `a device that reported: ${error.message}`)
  })
}

function gone(fn: string, given: string): AdjointError {
  return new AdjointError('device-failed', {
    fn,
    given,
    expected: 'a working device',
    fix: 'Make another backend with webgpu() and move the data there; tensors of this one are lost',
  })
}

function describe(device: GPUDevice): AdapterDescription {
  const { vendor = '', architecture = '', description = '' } = device.adapterInfo ?? {}
  return { vendor, architecture, description }
}

async function profiled<R>(backend: Backend, engine: Engine, fn: () => R | Promise<R>): Promise<Profile<R>> {
  const { commands, device } = engine
  if (!device.features.has('timestamp-query')) {
    throw new AdjointError('device-failed', {
      fn: 'profile',
      given: 'a device without the feature timestamp-query',
      expected: 'one with it',
    })
  }
  await synchronize(backend)
  await commands.flush()
  const profiler = new Profiler(device)
  commands.profiler = profiler
  try {
    const result = await fn()
    await synchronize(backend)
    await commands.flush()
    await profiler.finish()
    return { result, kernels: profiler.times, trace: traceOf(profiler.times) }
  } finally {
    commands.profiler = undefined
  }
}

function traceOf(times: readonly KernelTime[]): string {
  const first = times[0]?.start ?? 0
  const events = times.map(({ name, start, microseconds }) => ({
    name,
    ph: 'X',
    ts: start - first,
    dur: microseconds,
    pid: 1,
    tid: 1,
  }))
  return JSON.stringify({ traceEvents: events })
}

/** Kernels by primitive and call, made at first use. */
function finder(engine: Engine): (primitive: Primitive, call: KernelCall) => Kernel | undefined {
  const table = kernelTable()
  const known = new Map<string, Run>()
  return (primitive) => {
    const factory = factoryOf(primitive, table)
    if (factory === undefined) return undefined
    return (storages, made) => {
      const key = signature(primitive.name, made)
      let run = key === undefined ? undefined : known.get(key)
      if (run === undefined) {
        run = factory(engine, made)
        if (known.size >= MOST_KERNELS) known.clear()
        if (key !== undefined) known.set(key, run)
      }
      return run(storages as readonly GpuStorage[])
    }
  }
}

function factoryOf(primitive: Primitive, table: ReadonlyMap<string, KernelFactory>): KernelFactory | undefined {
  const own = primitive.kernels?.webgpu as KernelFactory | undefined
  if (own !== undefined) return own
  const known = table.get(primitive.name)
  if (known !== undefined) return known
  if (primitive.scalar !== undefined) return (engine, call) => fusedAlone(engine, primitive, call)
  const rule = primitive.kernels?.ir
  if (rule === undefined) return undefined
  return (engine, call) => {
    const run = engine.compile(rule(call))
    const sizes = call.outputs.map(({ shape }) => sizeOf(shape))
    return (inputs) => {
      const outputs = sizes.map((size) => engine.allocate(size))
      run(inputs, outputs, [])
      return outputs
    }
  }
}

/** Equal for calls that one kernel serves; undefined for parameters that are no plain data. */
function signature(name: string, { inputs, outputs, params }: KernelCall): string | undefined {
  const values = Object.values(params)
  if (values.some((v) => typeof v === 'function' || (typeof v === 'object' && v !== null && !Array.isArray(v))))
    return undefined
  const types = [...inputs, ...outputs].map(({ dtype, shape }) => `${dtype}[${shape}]`)
  return `${name} ${types.join()} ${JSON.stringify(params)}`
}

interface HandParams {
  readonly hand: (storages: readonly GpuStorage[]) => GpuStorage
  readonly shape: Shape
  readonly dtype: DType
}

/** Reaches storages in the order of the backend's queue. */
const handPrimitive: Primitive<HandParams> = /* @__PURE__ */ definePrimitive<HandParams>(
  '@adjoint/backend-webgpu:hand',
  {
    shape: (_, { shape, dtype }) => [{ shape, dtype }],
    kernels: {
      webgpu: ((_, { params }) =>
        (storages) => [(params as HandParams).hand(storages)]) satisfies KernelFactory,
    },
  },
)

async function bufferOf(backend: Backend, engine: Engine, x: Tensor): Promise<GPUBuffer> {
  if (x.backend !== backend) {
    throw new AdjointError('backend-mismatch', {
      fn: 'toGPUBuffer',
      given: `a tensor on backend '${x.backend.name}'`,
      expected: `a tensor on '${backend.name}'`,
      fix: 'Move it with to()',
    })
  }
  let buffer: GPUBuffer | undefined
  const hand = ([storage]: readonly GpuStorage[]) => {
    buffer = storage.slot.buffer
    return engine.allocate(0)
  }
  const done = bind1(handPrimitive, [x], { hand, shape: [0], dtype: 'uint32' })
  await done.data()
  done.dispose()
  await engine.commands.flush()
  return buffer as unknown as GPUBuffer
}

function tensorOver(backend: Backend, engine: Engine, buffer: GPUBuffer, shape: Shape, dtype: DType): Tensor {
  const bytes = 4 * sizeOf(shape)
  if (buffer.size < bytes || (buffer.usage & BORROWED_USAGE) !== BORROWED_USAGE) {
    throw new AdjointError('invalid-argument', {
      fn: 'fromGPUBuffer',
      given: `a buffer of ${buffer.size} bytes with usage ${buffer.usage}`,
      expected: `at least ${bytes} bytes with the usages STORAGE and COPY_SRC`,
    })
  }
  const hand = () => engine.buffers.borrow(buffer, bytes)
  return withBackend(backend, () => bind1(handPrimitive, [], { hand, shape, dtype }))
}
