// The backend: tfjs's kernels behind Adjoint's registry, on whichever tfjs backend there is.

import {
  AdjointError,
  configure,
  type DType,
  defineBackend,
  type Kernel,
  type KernelCall,
  type Primitive,
  type Storage,
} from '@adjoint/core'
import type { TfjsBackend, TfjsCore, TfjsInfo, TfjsKernel, TfjsOptions } from './api.js'
import { type Device, openDevice, sizeOf } from './device.js'
import { watchDevice } from './failures.js'
import { elementwiseKernels } from './kernels/elementwise.js'
import { indexingKernels } from './kernels/indexing.js'
import { movementKernels } from './kernels/movement.js'
import { reduceKernels } from './kernels/reduce.js'
import type { Entry } from './kernels/table.js'

const MAJOR = '4'
const SYNC = ['cpu', 'wasm', 'tensorflow']
const DTYPES: readonly DType[] = ['float32', 'int32', 'bool']

const devices = /* @__PURE__ */ new WeakMap<object, Device>()

/**
 * A backend on TensorFlow.js: float32, int32 and bool on the cpu, wasm, webgl or webgpu backend of tfjs.
 *
 * @param options - the copy of tfjs and the device, where they are not the ones tfjs has chosen
 * @returns a backend for `setBackend`; reading from webgl and webgpu awaits
 * @throws AdjointError `device-failed` where tfjs is not installed, has another major version, or its backend does not start
 * @example
 * import '@tensorflow/tfjs-backend-cpu'
 * import { createTfjs } from '@adjoint/backend-tfjs'
 * import { tensor } from 'adjoint'
 *
 * const backend = await createTfjs({ device: 'cpu' })
 * console.log(tensor([1, 2, 3], { backend }).square().sum().item()) // 14
 */
export async function createTfjs({ tf, device, name, sync }: TfjsOptions = {}): Promise<TfjsBackend> {
  const core = checkVersion(tf ?? (await installed()))
  const chosen = await start(core, device)
  return makeBackend(core, chosen, name ?? `tfjs-${chosen}`, sync ?? SYNC.includes(chosen))
}

async function installed(): Promise<TfjsCore> {
  try {
    return await import('@tensorflow/tfjs-core')
  } catch (cause) {
    throw new AdjointError('device-failed', {
      fn: 'createTfjs',
      given: 'no @tensorflow/tfjs-core',
      expected: `version ${MAJOR}.22 or later of it`,
      fix: 'npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-webgl; or hand yours in: createTfjs({ tf })',
      cause,
    })
  }
}

function checkVersion(tf: TfjsCore): TfjsCore {
  const version = (tf as Partial<TfjsCore>).version_core
  if (version?.split('.')[0] === MAJOR) return tf
  throw new AdjointError('device-failed', {
    fn: 'createTfjs',
    given: version === undefined ? 'a `tf` that has no version_core' : `tfjs ${version}`,
    expected: `tfjs ${MAJOR}.22 or later, below ${Number(MAJOR) + 1}`,
    fix: `npm install @tensorflow/tfjs-core@${MAJOR}; see \`npm ls @tensorflow/tfjs-core\` for other copies`,
  })
}

/** The name of the tfjs backend that is ready. */
async function start(tf: TfjsCore, device: string | undefined): Promise<string> {
  const failed = (given: string, cause?: unknown): AdjointError =>
    new AdjointError('device-failed', {
      fn: 'createTfjs',
      given,
      expected: 'a registered tfjs backend that starts',
      fix: `Import '@tensorflow/tfjs-backend-${device ?? 'cpu'}' (or another backend) first, from the same copy of tfjs-core`,
      cause,
    })
  try {
    if (device !== undefined && !(await tf.setBackend(device)))
      throw failed(`backend '${device}', which does not start`)
    await tf.ready()
  } catch (cause) {
    throw cause instanceof AdjointError
      ? cause
      : failed(device === undefined ? 'no backend' : `backend '${device}'`, cause)
  }
  return tf.getBackend()
}

function makeBackend(tf: TfjsCore, deviceName: string, name: string, sync: boolean): TfjsBackend {
  const device = openDevice(tf, deviceName, sync)
  watchDevice(device.backend)
  const floatBits = device.backend.floatPrecision()
  if (floatBits === 16) sayHalves(name)
  const wrapped = new WeakMap<object, Kernel>()
  const wrap = (kernel: TfjsKernel): Kernel => {
    const known = wrapped.get(kernel)
    if (known !== undefined) return known
    const made: Kernel = (storages, call) => runOn(device, kernel, storages as readonly TfjsInfo[], call)
    wrapped.set(kernel, made)
    return made
  }
  const partial = new Map<string, Entry>()
  const backend = defineBackend({
    name,
    dtypes: DTYPES,
    sync,
    external: true,
    write: (data, dtype) => device.write(data, [data.length], dtype),
    read: (storage) => device.read(storage as TfjsInfo),
    release: (storage) => device.release(storage as TfjsInfo),
    memory: device.memory,
    find: (primitive, call) => {
      const own = primitive.kernels?.tfjs as TfjsKernel | undefined
      const entry = partial.get(primitive.name)
      return own !== undefined ? wrap(own) : entry?.serves?.(call, deviceName) === true ? wrap(entry.kernel) : undefined
    },
  })
  for (const entry of kernels()) {
    if (entry.serves === undefined) backend.implement({ name: entry.name } as Primitive, wrap(entry.kernel))
    else partial.set(entry.name, entry)
  }
  const made: TfjsBackend = Object.assign(backend, {
    tf,
    device: deviceName,
    floatBits,
    integerBits: deviceName.startsWith('webg') ? (floatBits === 16 ? (11 as const) : (24 as const)) : (31 as const),
    blocking: () => (sync ? made : makeBackend(tf, deviceName, `${name}-blocking`, true)),
  })
  devices.set(made, device)
  return made
}

function kernels(): Entry[] {
  return [...elementwiseKernels(), ...movementKernels(), ...reduceKernels(), ...indexingKernels()]
}

/** Results without elements need no kernel, and no tfjs kernel likes them. */
function runOn(device: Device, kernel: TfjsKernel, inputs: readonly TfjsInfo[], call: KernelCall): readonly Storage[] {
  if (call.outputs.some(({ shape }) => sizeOf(shape) > 0)) return device.work(kernel, inputs, call)
  return call.outputs.map(({ shape, dtype }) => device.write(new Float32Array(0), shape, dtype))
}

function sayHalves(name: string): void {
  const before = configure({})
  before.warn(
    `Backend '${name}' keeps floats in 16 bits (about 3 digits, at most 65504): this device has no 32-bit textures. ` +
      'For more, use the wasm backend of tfjs, or the cpu backend of Adjoint.',
  )
}

/** The device of a backend made here. @throws AdjointError `invalid-argument` for another backend */
export function deviceOf(fn: string, backend: object): Device {
  const device = devices.get(backend)
  if (device !== undefined) return device
  throw new AdjointError('invalid-argument', {
    fn,
    given: `backend '${(backend as { name?: string }).name}'`,
    expected: 'one made by createTfjs()',
    fix: 'Make it the default, setBackend(await createTfjs()), or name it in the options: { backend }',
  })
}
