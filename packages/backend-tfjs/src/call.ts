// A tfjs function as a primitive: tfjs computes the value and, by its tape, the cotangents; all else is Adjoint's.

import {
  AdjointError,
  type Aval,
  bind,
  customVjp,
  definePrimitive,
  type HostArray,
  isAdjointError,
  type Primitive,
  stack,
  type Tensor,
  type TypedArray,
  zerosLike,
} from '@adjoint/core'
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import type { TfjsBackend, TfjsCore, TfjsInfo, TfjsKernel } from './api.js'
import { checkTensor, handle } from './interop.js'
import { deviceOf } from './tfjs.js'

/** A function of tfjs tensors. */
export type TfjsCall = (...inputs: TfTensor[]) => TfTensor | TfTensor[]

/** @internal The function on Adjoint tensors, with derivatives as far as tfjs has them. */
export function callTfjs(backend: TfjsBackend, fn: TfjsCall): (...inputs: Tensor[]) => Tensor[] {
  const primitive = callPrimitive(backend, fn)
  let pull: ReturnType<typeof callTfjs> | undefined
  const run = (...inputs: Tensor[]): Tensor[] => [...bind(primitive, inputs)]
  const call: (...inputs: Tensor[]) => Tensor[] = customVjp(run, {
    // Itself, not `run`: under a further derivative the value has this rule too.
    forward: (...inputs) => [call(...inputs), inputs],
    backward: (inputs, cotangents) => {
      pull ??= callTfjs(backend, pullback(backend.tf, fn, cotangents.length))
      const slopes = pull(...cotangents, ...inputs)
      let next = 0
      return inputs.map((x) => (x.dtype === 'float32' ? slopes[next++] : zerosLike(x)))
    },
  }) as (...inputs: Tensor[]) => Tensor[]
  return call
}

/** Cotangents of the outputs, then the inputs -> cotangents of the float inputs. */
function pullback(tf: TfjsCore, fn: TfjsCall, outputs: number): TfjsCall {
  return (...operands) => {
    const [cotangents, inputs] = [operands.slice(0, outputs), operands.slice(outputs)]
    const floats = inputs.filter((x) => x.dtype === 'float32')
    const objective = (): TfTensor =>
      listOf(fn(...inputs))
        .flatMap((y, i) => (y.dtype === 'float32' ? [tf.sum(tf.mul(y, cotangents[i]))] : []))
        .reduce((a, b) => tf.add(a, b), tf.scalar(0))
    const { grads } = tf.engine().gradients(objective, floats, undefined, true)
    return floats.map((x, i) => grads[i] ?? tf.zeros(x.shape))
  }
}

function listOf(result: TfTensor | TfTensor[]): TfTensor[] {
  return Array.isArray(result) ? result : [result]
}

function callPrimitive(backend: TfjsBackend, fn: TfjsCall): Primitive {
  const types = new Map<string, readonly Aval[]>()
  const onDevice: TfjsKernel = (ops, inputs) => runOnDevice(backend, fn, inputs).map(ops.own)
  const primitive: Primitive = definePrimitive('@adjoint/backend-tfjs:call', {
    shape: (inputs) => {
      const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join()
      const known = types.get(key)
      if (known !== undefined) return known
      const made = inferTypes(backend, fn, inputs)
      types.set(key, made)
      return made
    },
    vmap: (inputs, batched, size) => {
      const lanes = Array.from({ length: size }, (_, lane) =>
        bind(
          primitive,
          inputs.map((x, i) => (batched[i] ? x.slice(lane) : x)),
        ),
      )
      return lanes[0].map((_, output) => stack(lanes.map((outputs) => outputs[output])))
    },
    reference: (inputs) => runOnArrays(backend, fn, inputs),
    kernels: {
      tfjs: onDevice,
      cpu:
        (_, { inputs }) =>
        (arrays, outputs) => {
          const operands = arrays.map((data, i) => ({ data, shape: inputs[i].shape, dtype: inputs[i].dtype }))
          runOnArrays(backend, fn, operands).forEach((values, i) => {
            outputs[i].set(values)
          })
        },
    },
  })
  return primitive
}

/** The types of the outputs, by a run on zeros. */
function inferTypes(backend: TfjsBackend, fn: TfjsCall, inputs: readonly Aval[]): readonly Aval[] {
  const foreign = inputs.find(({ dtype }) => !backend.dtypes.includes(dtype))
  if (foreign !== undefined) {
    throw new AdjointError('dtype-unsupported', {
      fn: 'differentiable',
      given: `${foreign.dtype}[${foreign.shape.join(', ')}]`,
      expected: `${backend.dtypes.join(', ')}: what tfjs holds`,
      fix: "Cast it, as in x.cast('float32')",
    })
  }
  return guarded(backend, () =>
    tidied(backend.tf, () =>
      outputsOf(
        backend,
        fn,
        inputs.map(({ shape, dtype }) => backend.tf.zeros([...shape], dtype as 'float32')),
      ).map(({ shape, dtype }) => ({ shape, dtype })),
    ),
  )
}

/** Runs the function and checks what it returns. */
function outputsOf(backend: TfjsBackend, fn: TfjsCall, inputs: TfTensor[]): TfjsInfo[] {
  const result = fn(...inputs) as unknown
  const outputs = (Array.isArray(result) ? result : [result]) as TfTensor[]
  if (outputs.length > 0 && outputs.every((y) => typeof y?.dataId === 'object'))
    return outputs.map((y) => checkTensor('differentiable', backend, y))
  throw new AdjointError('invalid-argument', {
    fn: 'differentiable',
    given: `a function that returned ${result instanceof Promise ? 'a promise' : typeof result}`,
    expected: 'a synchronous one that returns a tf.Tensor, or an array of them',
    fix: 'Leave data() and await out of it',
  })
}

function runOnDevice(backend: TfjsBackend, fn: TfjsCall, inputs: readonly TfjsInfo[]): TfjsInfo[] {
  const device = deviceOf('differentiable', backend)
  return guarded(backend, () =>
    tidied(backend.tf, () => {
      const outputs = outputsOf(
        backend,
        fn,
        inputs.map((info) => handle(device, info)),
      )
      for (const { dataId } of outputs) device.backend.incRef(dataId)
      return outputs
    }),
  )
}

/** For tensors that lie elsewhere: copied to tfjs and back. */
function runOnArrays(backend: TfjsBackend, fn: TfjsCall, inputs: readonly HostArray[]): TypedArray[] {
  const { tf } = backend
  return guarded(backend, () =>
    tidied(tf, () => {
      const operands = inputs.map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype as 'float32'))
      const outputs = listOf(fn(...operands))
      return outputs.map((y) => y.dataSync() as TypedArray)
    }),
  )
}

/** @internal Runs a function and disposes the tensors of tfjs that it made, whatever it returns. */
export function tidied<R>(tf: TfjsCore, fn: () => R): R {
  const box: R[] = []
  tf.tidy(() => {
    box.push(fn())
  })
  return box[0]
}

/** @internal Errors of tfjs in our words; refuses to run when tfjs has been set to another backend. */
export function guarded<R>(backend: TfjsBackend, run: () => R): R {
  const now = backend.tf.getBackend()
  if (now !== backend.device) {
    throw new AdjointError('backend-mismatch', {
      fn: 'differentiable',
      given: `tfjs set to '${now}', and a backend made on '${backend.device}'`,
      expected: 'tfjs as it was when the backend was made',
      fix: `await tf.setBackend('${backend.device}') before`,
    })
  }
  try {
    return run()
  } catch (cause) {
    if (isAdjointError(cause)) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    throw noKernel(message, cause) ?? noGradient(message, cause) ?? cause
  }
}

function noKernel(message: string, cause: unknown): AdjointError | undefined {
  const found = /Kernel '(\w+)' not registered for backend '(\w+)'/.exec(message)
  if (found === null) return undefined
  return new AdjointError('missing-kernel', {
    fn: 'differentiable',
    given: `a tfjs function, or its gradient, that needs '${found[1]}' on '${found[2]}'`,
    expected: 'kernels that this tfjs backend has',
    fix: "Use another tfjs backend ('cpu' has nearly all), or write that part with Adjoint's functions",
    cause,
  })
}

function noGradient(message: string, cause: unknown): AdjointError | undefined {
  const kernel = /gradient function not found for (\w+)/.exec(message)?.[1]
  if (kernel === undefined && !/[Gg]radient/.test(message)) return undefined
  return new AdjointError('not-differentiable', {
    fn: 'differentiable',
    given: kernel === undefined ? `a tfjs function (${message})` : `a tfjs function with '${kernel}' inside`,
    expected: 'operations whose gradients tfjs has registered, to this order',
    fix:
      "Import '@tensorflow/tfjs-layers' in Node, '@tensorflow/tfjs-core/dist/register_all_gradients.js' in a bundle: they " +
      'register the first derivatives of tfjs; for what it lacks write that part ' +
      'with Adjoint’s functions, whose derivatives are of any order',
    cause,
  })
}
