// Tensors from tfjs and back: two handles on the same memory of a device, so nothing is copied.

import {
  AdjointError,
  bind1,
  defaultBackend,
  definePrimitive,
  type Primitive,
  synchronize,
  type Tensor,
  withBackend,
} from '@adjoint/core'
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import type { TfjsBackend, TfjsInfo, TfjsKernel } from './api.js'
import type { Device } from './device.js'
import { deviceOf } from './tfjs.js'

/** Where to work, where it is not the default backend. */
export interface InteropOptions {
  /** A backend made by `createTfjs`. @defaultValue the default backend */
  readonly backend?: TfjsBackend
}

interface ImportParams {
  readonly source: { readonly info: TfjsInfo; held: boolean }
}

interface ExportParams {
  readonly deliver: (info: TfjsInfo) => void
}

const importKernel: TfjsKernel<ImportParams> = (ops, _, { params: { source } }) => {
  if (!source.held) return source.info
  source.held = false
  return ops.own(source.info)
}

const importPrimitive: Primitive<ImportParams> = /* @__PURE__ */ definePrimitive<ImportParams>(
  '@adjoint/backend-tfjs:import',
  {
    shape: (_, { source: { info } }) => [{ shape: info.shape, dtype: info.dtype }],
    jvp: () => [null],
    kernels: { tfjs: importKernel },
  },
)

const exportKernel: TfjsKernel<ExportParams> = (_, [x], { params }) => {
  params.deliver(x)
  return x
}

const exportPrimitive: Primitive<ExportParams> = /* @__PURE__ */ definePrimitive<ExportParams>(
  '@adjoint/backend-tfjs:export',
  { shape: ([x]) => [x], jvp: () => [null], kernels: { tfjs: exportKernel } },
)

/** @internal The backend of the options, or the default one, which must be on tfjs. */
export function backendOf(fn: string, backend: TfjsBackend | undefined): TfjsBackend {
  const chosen = backend ?? (defaultBackend() as TfjsBackend)
  deviceOf(fn, chosen)
  return chosen
}

/**
 * An Adjoint tensor over the memory of a tfjs tensor. Each of the two is disposed by itself.
 *
 * @param x - float32, int32 or bool
 * @returns a constant: derivatives end at it
 * @throws AdjointError `released` for a disposed tensor; `dtype-unsupported` for strings and complex numbers
 * @example
 * import '@tensorflow/tfjs-backend-cpu'
 * import { createTfjs, fromTfjs } from '@adjoint/backend-tfjs'
 * import { tensor1d } from '@tensorflow/tfjs-core'
 *
 * const backend = await createTfjs({ device: 'cpu' })
 * const x = fromTfjs(tensor1d([1, 2]), { backend })
 * console.log(x.mul(10).dataSync()) // Float32Array [10, 20]
 */
export function fromTfjs(x: TfTensor, { backend }: InteropOptions = {}): Tensor {
  const chosen = backendOf('fromTfjs', backend)
  const info = checkTensor('fromTfjs', chosen, x)
  const source = { info, held: !chosen.sync }
  if (source.held) deviceOf('fromTfjs', chosen).backend.incRef(info.dataId)
  return withBackend(chosen, () => bind1(importPrimitive, [], { source }))
}

/** @internal What a live tensor of a held dtype consists of. */
export function checkTensor(fn: string, backend: TfjsBackend, x: TfTensor): TfjsInfo {
  if (x.isDisposed) {
    throw new AdjointError('released', {
      fn,
      given: `a disposed tf.Tensor [${x.shape.join(', ')}]`,
      expected: 'a live one',
      fix: 'Take it before tf.dispose(), or return it from tf.tidy()',
    })
  }
  if (!backend.dtypes.includes(x.dtype as 'float32')) {
    throw new AdjointError('dtype-unsupported', {
      fn,
      given: `a tf.Tensor of dtype '${x.dtype}'`,
      expected: backend.dtypes.join(', '),
      fix: 'Split complex numbers by tf.real() and tf.imag()',
    })
  }
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype as TfjsInfo['dtype'] }
}

/**
 * A tfjs tensor over the memory of an Adjoint tensor; one of another backend is copied to tfjs first.
 *
 * @returns a tensor that the caller disposes, as any of tfjs
 * @throws AdjointError `released`; `traced-value` under jit, vmap and grad; `dtype-unsupported` for float64 and uint32
 * @example
 * import '@tensorflow/tfjs-backend-cpu'
 * import { createTfjs, toTfjs } from '@adjoint/backend-tfjs'
 * import { tensor } from 'adjoint'
 *
 * const backend = await createTfjs({ device: 'cpu' })
 * const x = await toTfjs(tensor([1, 2]), { backend })
 * console.log(x.shape, x.dataSync()) // [2], Float32Array [1, 2]
 */
export async function toTfjs(x: Tensor, { backend }: InteropOptions = {}): Promise<TfTensor> {
  const chosen = backendOf('toTfjs', backend ?? (isTfjs(x.backend) ? x.backend : undefined))
  const there = x.backend === chosen ? x : x.to(chosen)
  let made: TfTensor | undefined
  const out = bind1(exportPrimitive, [there], {
    deliver: (info) => {
      made = handle(deviceOf('toTfjs', chosen), info)
    },
  })
  if (made === undefined) await synchronize(chosen)
  if (made === undefined) await out.data()
  if (made === undefined) throw tracedExport(x)
  out.dispose()
  if (there !== x) there.dispose()
  return made
}

/** @internal The same at once, on a backend that does not queue. */
export function toTfjsNow(x: Tensor, device: Device): TfTensor {
  let made: TfTensor | undefined
  const out = bind1(exportPrimitive, [x], {
    deliver: (info) => {
      made = handle(device, info)
    },
  })
  if (made === undefined) throw tracedExport(x)
  out.dispose()
  return made
}

function tracedExport(x: Tensor): AdjointError {
  return new AdjointError('traced-value', {
    fn: 'toTfjs',
    given: `a traced ${x.dtype}[${x.shape.join(', ')}], which has no values yet`,
    expected: 'a concrete tensor',
    fix: 'Call it outside jit, vmap and grad; inside, wrap the tfjs function by differentiable()',
  })
}

/** @internal A tensor of tfjs over data of the device, with an owner's share of it. */
export function handle(device: Device, info: TfjsInfo): TfTensor {
  device.backend.incRef(info.dataId)
  const { dataId, shape, dtype } = info
  return device.tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype }, device.backend as never)
}

function isTfjs(backend: object): backend is TfjsBackend {
  return 'tf' in backend && 'device' in backend
}
