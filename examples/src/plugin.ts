// A new primitive from outside the core, in one screen: softplus, whose plain formula overflows, with a stable value and
// gradient. C. Dugas et al., Incorporating second-order functional knowledge for better option pricing, 2001.

import { checkGrads } from '@adjoint/conformance'
import { bind, definePrimitive, grad, jit, linspace, log1p, type Primitive, type Tensor, tensor, vmap } from 'adjoint'
import type { ChapterContext, ChapterResult, Point } from './chapter.js'
import { runAlone } from './run-alone.js'

export const name = 'plugin'
export const title = 'A primitive of one’s own'
export const text =
  'Anyone can add a primitive without touching the core: a name, a shape rule, a derivative, a batching rule, a kernel or simpler parts. ' +
  'Gradients of any order, vmap and jit follow from these; the conformance kit checks them against finite differences.'

const softplusPrimitive: Primitive = definePrimitive('@adjoint/examples:softplus', {
  shape: ([x]) => [x],
  jvp: ([x], [dx]) => [dx === null ? null : dx.mul(x.sigmoid())],
  vmap: (inputs) => bind(softplusPrimitive, inputs),
  decompose: ([x]) => [x.relu().add(log1p(x.abs().neg().exp()))],
  reference: ([x]) => [Float64Array.from(x.data, (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))))],
})

/** log(1 + exp(x)), element-wise, without overflow. */
export const softplus = (x: Tensor): Tensor => bind(softplusPrimitive, [x])[0]

/** Checks the primitive and draws it with its derivatives. */
export async function run({ progress, quick }: ChapterContext): Promise<ChapterResult> {
  progress.begin(3, 'plugin')
  const inputs = linspace(-6, 6, quick ? 25 : 97, { dtype: 'float64' })
  const { maxError } = await checkGrads(softplus, [inputs], { order: 2 })
  progress.advance(1, { maxError })

  const first = (x: Tensor): Tensor => grad(softplus)(x)
  const derivatives = jit(vmap((x: Tensor) => ({ value: softplus(x), first: first(x), second: grad(first)(x) })))
  const { value, first: slope, second } = derivatives(inputs)
  progress.advance(2, { maxError })

  const far = tensor([-1000, 1000], { dtype: 'float64' })
  const [low, high] = await softplus(far).data()
  const [naive] = await far.neg().exp().add(1).log().data()
  progress.advance(3, { maxError })
  progress.end()

  const xs = await inputs.data()
  const curve = async (y: Tensor): Promise<Point[]> => Array.from(await y.data(), (v, i) => [xs[i], v])
  return {
    ok: maxError < 1e-5 && low === 0 && high === 1000,
    metrics: { maxGradientError: maxError, valueAt1000: high },
    summary: `First and second derivatives agree with finite differences to ${maxError.toExponential(1)}; at 1000 the value is ${high}, where the plain formula gives ${naive}.`,
    figures: [
      {
        kind: 'curves',
        caption: 'Softplus and its derivatives, by jit of vmap of grad of grad',
        x: 'x',
        y: 'value',
        logarithmic: false,
        series: [
          { name: 'softplus', points: await curve(value) },
          { name: 'first derivative', points: await curve(slope) },
          { name: 'second derivative', points: await curve(second) },
        ],
      },
    ],
  }
}

await runAlone(import.meta.url, { name, title, text, run })
