// The conformance kit on a tfjs backend of the page, check by check; then the border to tfjs, and a lost context.

import '@tensorflow/tfjs-backend-webgl'
import '@tensorflow/tfjs-backend-webgpu'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import { backendChecks, type Check } from '@adjoint/conformance'
import { grad, isAdjointError, type Tensor, tensor } from '@adjoint/core'
import * as tf from '@tensorflow/tfjs-core'
import { runCases } from '../../../../scripts/browser/page.js'
import { createTfjs, differentiable, fromTfjs, type TfjsBackend, toTfjs } from '../../src/index.js'
import { capabilities } from '../capabilities.js'
import { bothSides, UPSTREAM } from '../upstream.js'

// Small tensors would be left to the processor.
for (const flag of ['WEBGL_CPU_FORWARD', 'WEBGPU_CPU_FORWARD']) tf.env().set(flag, false)
const device = (await (await fetch('/device')).text()) as 'webgl' | 'webgpu'
let made: Promise<TfjsBackend> | undefined
const backend = (): Promise<TfjsBackend> => {
  made ??= createTfjs({ device })
  return made
}
const checks = backendChecks(backend, { capabilities: capabilities(device) })

/** A tfjs tensor over, through a tfjs function and its gradient, and back. */
async function border(): Promise<readonly number[]> {
  const on = await backend()
  const x = fromTfjs(tf.tensor1d([1, 2, 3]), { backend: on })
  const f = differentiable((v: tf.Tensor) => tf.sum(tf.mul(tf.square(v), 2)), { backend: on })
  const back = await toTfjs(grad((v: Tensor) => f(v).add(v.sum()))(x))
  return Array.from(await back.data())
}

/** Calls in which tfjs is no longer wrong, or ours is. */
async function upstream(): Promise<readonly string[]> {
  const surprises: string[] = []
  for (const call of UPSTREAM.filter(({ devices }) => devices.includes(device))) {
    const { theirs, ours } = await bothSides(call, await backend())
    const right = String(call.right)
    if (String(ours) !== right) surprises.push(`${call.name}: ours is ${ours}, not ${right}`)
    if (String(theirs) === right) surprises.push(`${call.name}: tfjs is right, the workaround can go`)
  }
  return surprises
}

/** What reading says after the context was taken away. */
async function lostContext(): Promise<string> {
  const on = await backend()
  const x = tensor([1, 2], { backend: on }).add(1)
  await x.data()
  const { gpgpu } = tf.engine().findBackend('webgl') as unknown as { gpgpu: { gl: WebGL2RenderingContext } }
  gpgpu.gl.getExtension('WEBGL_lose_context')?.loseContext()
  const error = await x
    .mul(2)
    .data()
    .then(
      () => 'no error',
      (e) => e,
    )
  return isAdjointError(error) ? `${error.code}: ${error.given}` : String(error)
}

/** Whole programs run as tfjs suggests for pages with many shapes, which compiles fewer shaders; primitives run without. */
async function held({ name, run }: Check): Promise<string> {
  if (device === 'webgl') tf.env().set('WEBGL_USE_SHAPES_UNIFORMS', !/ has (a|no) kernel| under jit/.test(name))
  await run()
  return 'holds'
}

await runCases({
  ...Object.fromEntries(checks.map((check) => [check.name, () => held(check)])),
  border,
  upstream,
  ...(device === 'webgl' ? { 'lost context': lostContext } : {}),
})
