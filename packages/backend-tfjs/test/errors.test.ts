// What is refused, and in which words.

import '@tensorflow/tfjs-backend-cpu'
import { createCpu } from '@adjoint/backend-cpu'
import { configure, grad, isAdjointError, jit, type Tensor, tensor } from '@adjoint/core'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import {
  asTfjsOptimizer,
  createTfjs,
  differentiable,
  fromTfjs,
  type TfjsBackend,
  type TfjsCore,
  toTfjs,
} from '../src/index.js'

let backend: TfjsBackend

beforeAll(async () => {
  backend = await createTfjs({ device: 'cpu' })
})

/** The code and message of what is thrown, at once or later. */
async function refusal(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (isAdjointError(error)) return `${error.code}: ${error.message}`
    throw error
  }
  return 'nothing'
}

/** tfjs with a backend that misbehaves. */
function faulty(change: object, version = '4.22.0'): TfjsCore {
  const real = tf.engine().findBackend('cpu')
  const device = Object.assign(Object.create(real), change)
  const engine = Object.assign(Object.create(tf.engine()), { findBackend: () => device })
  return { ...tf, version_core: version, engine: () => engine } as unknown as TfjsCore
}

it('another major version of tfjs, and something else', async () => {
  expect(await refusal(() => createTfjs({ tf: faulty({}, '3.21.0') }))).toMatch(/^device-failed: .*tfjs 3\.21\.0.*npm/s)
  expect(await refusal(() => createTfjs({ tf: {} as TfjsCore }))).toMatch(/no version_core/)
})

it('a backend that is not registered, and one that does not start', async () => {
  expect(await refusal(() => createTfjs({ device: 'webgl' }))).toMatch(/^device-failed: .*tfjs-backend-webgl/s)
  tf.registerBackend('broken', () => {
    throw new Error('no adapter')
  })
  expect(await refusal(() => createTfjs({ device: 'broken' }))).toMatch(/^device-failed: .*'broken'/s)
  tf.removeBackend('broken')
  await tf.setBackend('cpu')
})

it('disposed tensors, strings, and dtypes that tfjs lacks', async () => {
  const x = tf.tensor1d([1])
  x.dispose()
  expect(await refusal(() => fromTfjs(x, { backend }))).toMatch(/^released: fromTfjs: .*disposed/)
  expect(await refusal(() => fromTfjs(tf.tensor1d(['a']), { backend }))).toMatch(/^dtype-unsupported: .*'string'/)
  const wide = tensor([1], { dtype: 'float64', backend: createCpu() })
  expect(await refusal(() => toTfjs(wide, { backend }))).toMatch(/^dtype-unsupported: .*float64/)
  expect(await refusal(() => differentiable((v: tf.Tensor) => v, { backend })(wide))).toMatch(/cast\('float32'\)/)
})

it('a traced tensor has no values to hand out', async () => {
  let inside: Promise<string> | undefined
  jit((v: Tensor) => {
    inside = refusal(() => toTfjs(v, { backend }))
    return v.mul(2)
  })(tensor([1], { backend }))
  expect(await inside).toMatch(/^traced-value/)
})

it('a backend that is not on tfjs', async () => {
  const cpu = createCpu() as TfjsBackend
  for (const run of [
    () => fromTfjs(tf.tensor1d([1]), { backend: cpu }),
    () => asTfjsOptimizer({} as never, { backend: cpu }),
  ])
    expect(await refusal(run)).toMatch(/^invalid-argument: .*createTfjs/s)
})

it('functions that return no tensors, and gradients that tfjs does not have', async () => {
  const promised = differentiable((async (v: tf.Tensor) => v) as never, { backend }) as (x: Tensor) => Tensor
  expect(await refusal(() => promised(tensor([1], { backend })))).toMatch(/^invalid-argument: .*promise/)
  expect(await refusal(() => differentiable(7 as never, { backend }))).toMatch(/^invalid-argument/)
  const floorless = differentiable((v: tf.Tensor) => tf.cumprod(v), { backend })
  const slope = grad((v: Tensor) => floorless(v).sum())
  expect(await refusal(() => slope(tensor([1, 2], { backend })))).toMatch(
    /^not-differentiable: .*inside; .*tfjs-layers/s,
  )
})

it('tfjs set to another backend meanwhile', async () => {
  const f = differentiable((v: tf.Tensor) => tf.square(v), { backend })
  tf.registerBackend('other', () => tf.engine().findBackend('cpu'))
  await tf.setBackend('other')
  expect(await refusal(() => f(tensor([1], { backend })))).toMatch(/^backend-mismatch: .*setBackend\('cpu'\)/s)
  expect(tensor([1, 2], { backend }).add(1).dataSync()).toEqual(new Float32Array([2, 3]))
  await tf.setBackend('cpu')
})

it('a texture too large, memory gone, a lost context: what to do is said', async () => {
  const failing = (message: string) => ({
    incRef: () => {
      throw new Error(message)
    },
  })
  const square = (on: TfjsBackend) => tensor([1, 2], { backend: on }).reshape([2, 1]).add(1)
  const large = await createTfjs({
    tf: faulty(failing('Requested texture size [20000x1] greater than WebGL maximum on this browser')),
  })
  expect(await refusal(() => square(large))).toMatch(/^device-failed: .*too large for a texture.*hostBackend/s)
  const full = await createTfjs({ tf: faulty(failing('out of memory')) })
  expect(await refusal(() => square(full))).toMatch(/^device-failed: .*scope\(\)/s)
  const gone = await createTfjs({ tf: faulty({ gpgpu: { gl: { isContextLost: () => true } } }) })
  expect(await refusal(() => tensor([1], { backend: gone }).data())).toMatch(
    /^device-failed: .*context is lost.*load the state/s,
  )
})

it('a device of 16-bit floats is said at the start', async () => {
  const warnings: string[] = []
  const before = configure({ warn: (message) => warnings.push(message) })
  const small = await createTfjs({ tf: faulty({ floatPrecision: () => 16 }) })
  configure(before)
  expect(small.floatBits).toBe(16)
  expect(warnings.join()).toMatch(/16 bits/)
})
