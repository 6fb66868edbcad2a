// A tfjs device below its operations: kernels run on data ids, so there is no tape, no scope, and no global backend.

import { AdjointError, type DType, type KernelCall, type TypedArray } from '@adjoint/core'
import type { TfjsAttributes, TfjsCore, TfjsInfo, TfjsKernel, TfjsOps } from './api.js'
import { describeFailure, readUnlessLost, whyLost } from './failures.js'

/** What is used of a tfjs `KernelBackend`. */
export interface DeviceBackend {
  write(values: TypedArray | null, shape: readonly number[], dtype: string): object
  read(dataId: object): Promise<ArrayLike<number>>
  readSync(dataId: object): ArrayLike<number>
  incRef(dataId: object): void
  disposeData(dataId: object): boolean
  floatPrecision(): 16 | 32
}

/** A device with its memory counted. */
export interface Device {
  readonly tf: TfjsCore
  readonly name: string
  readonly backend: DeviceBackend
  write(data: TypedArray, shape: readonly number[], dtype: DType): TfjsInfo
  read(info: TfjsInfo): TypedArray | Promise<TypedArray>
  release(info: TfjsInfo): void
  /** One more owner of the data. */
  share(info: TfjsInfo): TfjsInfo
  /** Runs a kernel and disposes what it does not return. */
  work<P extends object>(kernel: TfjsKernel<P>, inputs: readonly TfjsInfo[], call: KernelCall<P>): TfjsInfo[]
  memory(): { readonly buffers: number; readonly bytes: number }
}

const BYTES = { float32: 4, int32: 4, bool: 1 }

/** The device behind a tfjs backend that is ready. */
export function openDevice(tf: TfjsCore, name: string, sync: boolean): Device {
  const backend = tf.engine().findBackend(name) as unknown as DeviceBackend
  let [buffers, bytes] = [0, 0]
  const count = (info: TfjsInfo, by: 1 | -1): TfjsInfo => {
    buffers += by
    bytes += by * sizeOf(info.shape) * BYTES[info.dtype]
    return info
  }
  const free = ({ dataId }: TfjsInfo): void => {
    // Where tfjs has tensors of its own over the data, its books are closed with the last owner.
    if (backend.disposeData(dataId)) tf.engine().removeDataId(dataId, backend as never)
  }
  const write = (data: TypedArray, shape: readonly number[], dtype: DType): TfjsInfo => {
    if (data.length === 0)
      return { dataId: backend.write(data, shape, dtype), shape, dtype: dtype as TfjsInfo['dtype'] }
    return { dataId: backend.write(data, [...shape], dtype), shape, dtype: dtype as TfjsInfo['dtype'] }
  }

  function work<P extends object>(kernel: TfjsKernel<P>, inputs: readonly TfjsInfo[], call: KernelCall<P>): TfjsInfo[] {
    const made: TfjsInfo[] = []
    const own = (info: TfjsInfo): TfjsInfo => {
      made.push(info)
      return info
    }
    const ops: TfjsOps = {
      tf,
      device: name,
      own,
      constant: (values, shape, dtype) => own(write(arrayOf(values, dtype), shape, dtype)),
      run: (kernelName, operands, attributes) => {
        const results = runKernel(tf, name, backend, kernelName, operands, attributes)
        for (const result of results) own(result)
        return results[0]
      },
    }
    try {
      const given = inputs.map((info, i) => viewAs(ops, info, call.inputs[i].shape))
      const result = kernel(ops, given, call)
      const outputs = 'dataId' in result ? [result] : result
      return outputs.map((info, i) => {
        const { shape } = call.outputs[i]
        const out = sameShape(info.shape, shape) ? info : viewAs(ops, info, shape)
        const at = made.indexOf(out)
        if (at >= 0) made.splice(at, 1)
        else backend.incRef(out.dataId)
        return count({ dataId: out.dataId, shape, dtype: out.dtype }, 1)
      })
    } catch (error) {
      throw describeFailure(error, name, whyLost(backend))
    } finally {
      for (const info of made) free(info)
    }
  }

  const checked = (values: ArrayLike<number>, dtype: TfjsInfo['dtype']): TypedArray => {
    const lost = whyLost(backend)
    if (lost !== undefined) throw describeFailure(new Error(lost), name, lost)
    return typed(values, dtype)
  }
  const readLater = async ({ dataId, dtype }: TfjsInfo): Promise<TypedArray> => {
    const values = await readUnlessLost(backend, () => backend.read(dataId)).catch((error: unknown) => {
      throw describeFailure(error, name, whyLost(backend))
    })
    return checked(values, dtype)
  }
  return {
    tf,
    name,
    backend,
    write: (data, shape, dtype) => count(write(data, shape, dtype), 1),
    read: (info) => (sync ? checked(backend.readSync(info.dataId), info.dtype) : readLater(info)),
    release: (info) => free(count(info, -1)),
    share: (info) => {
      backend.incRef(info.dataId)
      return count({ ...info }, 1)
    },
    work,
    memory: () => ({ buffers, bytes }),
  }
}

function runKernel(
  tf: TfjsCore,
  device: string,
  backend: DeviceBackend,
  name: string,
  inputs: Readonly<Record<string, TfjsInfo | readonly TfjsInfo[]>>,
  attrs: TfjsAttributes = {},
): readonly TfjsInfo[] {
  const config = tf.getKernel(name, device)
  if (config === undefined || config === null) {
    throw new AdjointError('missing-kernel', {
      fn: name,
      given: `the tfjs backend '${device}', which registers no kernel '${name}'`,
      fix: `Import the whole of @tensorflow/tfjs-backend-${device}, not a selection of its kernels`,
    })
  }
  const result = config.kernelFunc({ inputs: inputs as never, attrs: attrs as never, backend: backend as never })
  const infos = (Array.isArray(result) ? result : [result]) as unknown as TfjsInfo[]
  return infos.map((info) => dataOf(backend, info))
}

/** The data alone: tfjs's cpu kernel of Abs returns a tensor, which counts in `tf.memory()`. */
function dataOf(backend: DeviceBackend, info: TfjsInfo & { dispose?(): void }): TfjsInfo {
  if (info.dispose === undefined) return info
  const { dataId, shape, dtype } = info
  backend.incRef(dataId)
  info.dispose()
  return { dataId, shape, dtype }
}

function viewAs(ops: TfjsOps, info: TfjsInfo, shape: readonly number[]): TfjsInfo {
  return sameShape(info.shape, shape) ? info : ops.run('Reshape', { x: info }, { shape })
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

/** Number of elements. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

function arrayOf(values: readonly number[], dtype: TfjsInfo['dtype']): TypedArray {
  return dtype === 'float32'
    ? Float32Array.from(values)
    : dtype === 'int32'
      ? Int32Array.from(values)
      : Uint8Array.from(values)
}

/** What a device read, in the array of its dtype: WebGL gives floats for integers. */
function typed(values: ArrayLike<number>, dtype: TfjsInfo['dtype']): TypedArray {
  if (dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values)
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values)
  return values instanceof Uint8Array ? values : Uint8Array.from(values)
}
