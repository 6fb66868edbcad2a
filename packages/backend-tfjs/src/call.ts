// A tfjs function as a primitive: tfjs computes the value and, by its tape, the cotangents; all else is Adjoint's.

import {
  AdjointError,
  type Aval,
  type Backend,
  bind,
  definePrimitive,
  eye,
  type HostArray,
  isAdjointError,
  type Primitive,
  stack,
  type Tensor,
  type TypedArray,
  zeros,
} from '@adjoint/core'
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import type { TfjsBackend, TfjsCore, TfjsInfo, TfjsKernel } from './api.js'
import { listOf, pullback, pushforward } from './derivatives.js'
import { checkTensor, handle } from './interop.js'
import { deviceOf } from './tfjs.js'

/** A function of tfjs tensors. */
export type TfjsCall = (...inputs: TfTensor[]) => TfTensor | TfTensor[]

/** @internal The function on Adjoint tensors, with derivatives as far as tfjs has them. */
export function callTfjs(backend: TfjsBackend, fn: TfjsCall): (...inputs: Tensor[]) => Tensor[] {
  const types = new Map<string, readonly Aval[]>()
  const typesOf: TypesOf = (inputs) => {
    const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join()
    const made = types.get(key) ?? inferTypes(backend, fn, inputs)
    types.set(key, made)
    return made
  }
  const primitive = callPrimitive({ backend, fn, typesOf })
  return (...inputs) => [...bind(primitive, inputs)]
}

type TypesOf = (inputs: readonly Aval[]) => readonly Aval[]

interface Called {
  readonly backend: TfjsBackend
  readonly fn: TfjsCall
  readonly typesOf: TypesOf
}

/** What a primitive has beside what every function has. */
type Extra = Pick<Primitive, 'transpose' | 'vmap'>

const isFloat = ({ dtype }: Aval | Tensor): boolean => dtype === 'float32'

function callPrimitive(called: Called, extra: Extra = {}): Primitive {
  const { backend, fn, typesOf } = called
  const pushes = keyed((along) => pushPrimitive(called, along))
  const onDevice: TfjsKernel = (ops, inputs) => runOnDevice(backend, fn, inputs).map(ops.own)
  const primitive: Primitive = definePrimitive('@adjoint/backend-tfjs:call', {
    shape: typesOf,
    jvp: (inputs, tangents, outputs) => {
      const along = inputs.flatMap((x, i) => (tangents[i] !== null && isFloat(x) ? [i] : []))
      if (along.length === 0 || !outputs.some(isFloat)) return outputs.map(() => null)
      const operands = [...along.map((i) => tangents[i] as Tensor), ...inputs]
      const found = [...bind(pushes(along), operands)]
      return outputs.map((y) => (isFloat(y) ? (found.shift() as Tensor) : null))
    },
    vmap: (inputs, batched, size) => lanewise(primitive, inputs, batched, size),
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
    ...extra,
  })
  return primitive
}

/** Tangents of the inputs of `along`, then the inputs -> tangents of the float outputs; reverse mode transposes it. */
function pushPrimitive({ backend, fn, typesOf }: Called, along: readonly number[]): Primitive {
  const { tf } = backend
  const count = along.length
  const outputsOf: TypesOf = (inputs) => typesOf(inputs).filter(isFloat)
  const push = pushforward({ tf, fn, along }, (inputs) =>
    outputsOf(inputs.map(({ shape, dtype }) => ({ shape, dtype: dtype as 'float32' }))).map(({ shape }) => shape),
  )
  const pulls = keyed(([outputs, ...wanted]) =>
    callPrimitive({
      backend,
      fn: pullback({ tf, fn, along: wanted }, outputs),
      typesOf: (operands) => wanted.map((i) => operands[outputs + i]),
    }),
  )
  const pull = (cotangents: readonly Tensor[], inputs: readonly Tensor[], wanted: readonly number[]) => {
    const primitive = pulls([cotangents.length, ...wanted])
    return bind(primitive, [...cotangents, ...inputs])
  }
  const transpose: Extra['transpose'] = (cotangents, operands) => {
    const inputs = operands.slice(count).flatMap((x) => (x.linear ? [] : [x.value]))
    const wanted = along.filter((_, i) => operands[i].linear)
    const types = outputsOf(inputs)
    const found = [
      ...pull(
        cotangents.map((u, i) => u ?? zeros(types[i].shape, { dtype: 'float32', backend: inputs[0].backend })),
        inputs,
        wanted,
      ),
    ]
    return operands.map(({ linear }) => (linear ? (found.shift() as Tensor) : null))
  }
  const vmap = (operands: readonly Tensor[], batched: readonly boolean[], size: number): readonly Tensor[] => {
    const inputs = operands.slice(count)
    const onePoint = !batched.slice(count).includes(true)
    if (!onePoint || probe(backend, push.oneSweep, operands, batched))
      return lanewise(primitive, operands, batched, size)
    const types = outputsOf(inputs)
    const rows = jacobianRows(types, inputs[0].backend, (units) => pull(units, inputs, along))
    const tangents = along.map((_, i) => (batched[i] ? operands[i] : stack(Array(size).fill(operands[i]))))
    return split(types, rows, tangents, size)
  }
  const primitive = callPrimitive(
    { backend, fn: push.call, typesOf: (operands) => outputsOf(operands.slice(count)) },
    { transpose, vmap },
  )
  return primitive
}

/** Whether tfjs has a derivative, by a try on zeros in the shapes of one lane. */
function probe(
  backend: TfjsBackend,
  has: (...operands: TfTensor[]) => boolean,
  operands: readonly Tensor[],
  batched: readonly boolean[],
): boolean {
  const { tf } = backend
  return guarded(backend, () =>
    tidied(tf, () =>
      has(
        ...operands.map(({ shape, dtype }, i) =>
          tf.zeros([...(batched[i] ? shape.slice(1) : shape)], dtype as 'float32'),
        ),
      ),
    ),
  )
}

/** The Jacobian by each input, `[m, ...input]` for m entries of all outputs, by a reverse pass for each. */
function jacobianRows(
  types: readonly Aval[],
  backend: Backend,
  pull: (units: readonly Tensor[]) => readonly Tensor[],
): Tensor[] {
  const blank = types.map(({ shape }) => zeros(shape, { dtype: 'float32', backend }))
  const rows = types.flatMap(({ shape }, output) => {
    const size = sizeOf(shape)
    const units = eye(size, size, { dtype: 'float32', backend })
    return Array.from({ length: size }, (_, entry) =>
      pull(blank.map((u, i) => (i === output ? units.slice(entry).reshape(shape) : u))),
    )
  })
  return rows[0].map((_, input) => stack(rows.map((slopes) => slopes[input])))
}

/** Jacobian times tangents of `size` lanes, as the outputs of these types. */
function split(types: readonly Aval[], rows: readonly Tensor[], tangents: readonly Tensor[], size: number): Tensor[] {
  const flat = rows
    .map((row, i) => tangents[i].reshape([size, -1]).matmul(row.reshape([row.shape[0], -1]).T))
    .reduce((a, b) => a.add(b))
  let from = 0
  return types.map(({ shape }) => {
    const start = from
    from += sizeOf(shape)
    return flat.slice(null, [start, from]).reshape([size, ...shape])
  })
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

function lanewise(
  primitive: Primitive,
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
): readonly Tensor[] {
  const lanes = Array.from({ length: size }, (_, lane) =>
    bind(
      primitive,
      inputs.map((x, i) => (batched[i] ? x.slice(lane) : x)),
    ),
  )
  return lanes[0].map((_, output) => stack(lanes.map((outputs) => outputs[output])))
}

/** One primitive for each list of numbers, made when it is asked for. */
function keyed(make: (key: readonly number[]) => Primitive): (key: readonly number[]) => Primitive {
  const made = new Map<string, Primitive>()
  return (key) => {
    const known = made.get(`${key}`) ?? make(key)
    made.set(`${key}`, known)
    return known
  }
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
