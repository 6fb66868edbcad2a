import { cpu } from '@adjoint/backend-cpu'
import {
  binaryCases,
  checkGrads,
  checkJit,
  checkVmap,
  createCodegenTier,
  type Domain,
  unaryCases,
} from '@adjoint/conformance'
import { testPrimitive } from '@adjoint/conformance/vitest'
import { type Primitive, reference, setBackend, stack, type Tensor, tensor } from '@adjoint/core'
import { describe, it } from 'vitest'
import { i0ePrimitive, i0Primitive, i1ePrimitive, i1Primitive } from '../src/bessel.js'
import { betaKernel, gammaKernel } from '../src/beta.js'
import {
  erfcinvPrimitive,
  erfcPrimitive,
  erfcxPrimitive,
  erfinvPrimitive,
  erfPrimitive,
} from '../src/error-function.js'
import {
  entrPrimitive,
  logaddexpPrimitive,
  softplusPrimitive,
  xlog1pyPrimitive,
  xlogyPrimitive,
} from '../src/exponential.js'
import { digammaPrimitive, gammaPrimitive, lgammaPrimitive } from '../src/gamma.js'
import { lbeta, normalLogCdfDifference, polygamma } from '../src/index.js'
import * as normal from '../src/normal.js'

const backends = [cpu, reference, createCodegenTier()]
const FLOATS = ['float32', 'float64'] as const

const unary: readonly (readonly [Primitive, Domain])[] = [
  [erfPrimitive, [-2, 2]],
  [erfcPrimitive, [-2, 3]],
  [erfcxPrimitive, [-1.5, 4]],
  [erfinvPrimitive, [-0.9, 0.9]],
  [erfcinvPrimitive, [0.1, 1.8]],
  [lgammaPrimitive, [0.4, 12]],
  [gammaPrimitive, [0.4, 4]],
  [digammaPrimitive, [0.5, 12]],
  [i0Primitive, [0.3, 5]],
  [i1Primitive, [0.3, 5]],
  [i0ePrimitive, [0.3, 12]],
  [i1ePrimitive, [0.3, 12]],
  [softplusPrimitive, [-3, 3]],
  [entrPrimitive, [0.3, 3]],
  [normal.cdfPrimitive, [-3, 3]],
  [normal.pdfPrimitive, [-3, 3]],
  [normal.logCdfPrimitive, [-6, 3]],
  [normal.inverseMillsPrimitive, [-6, 3]],
  [normal.quantilePrimitive, [0.1, 0.9]],
]
for (const [primitive, domain] of unary) testPrimitive(primitive, unaryCases(FLOATS, domain), { backends })

const binary: readonly (readonly [Primitive, readonly [Domain, Domain]])[] = [
  [
    logaddexpPrimitive,
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
  [
    xlogyPrimitive,
    [
      [0.2, 2],
      [0.3, 2],
    ],
  ],
  [
    xlog1pyPrimitive,
    [
      [0.2, 2],
      [-0.5, 2],
    ],
  ],
]
for (const [primitive, domains] of binary) testPrimitive(primitive, binaryCases(FLOATS, domains), { backends })

describe('functions made of several primitives', () => {
  setBackend(cpu)
  const f64 = (x: readonly number[]) => tensor([...x], { dtype: 'float64' })
  const functions: readonly (readonly [string, (...x: Tensor[]) => Tensor, readonly Tensor[]])[] = [
    ['lbeta', lbeta, [f64([0.4, 3, 12, 9]), f64([2, 7, 0.6, 15])]],
    ['gammaKernel', gammaKernel, [f64([0.4, 3, 12, 9]), f64([2, 7, 11, 30])]],
    ['betaKernel', betaKernel, [f64([0.4, 12, 9]), f64([2, 0.6, 15]), f64([0.3, 0.6, 0.45])]],
    ['normalLogCdfDifference', normalLogCdfDifference, [f64([-3, -1, 2, 0.1]), f64([-1, 2, 4, 0.2])]],
    ['polygamma', (x) => polygamma(2, x), [f64([0.7, 3, -0.4])]],
  ]
  it.each(functions)('%s: derivatives, batches, compiled', async (_, f, inputs) => {
    await checkGrads(f, [...inputs], { order: 3 })
    await checkVmap(
      f,
      inputs.map((x) => stack([x, x])),
    )
    await checkJit(f, [...inputs])
  })
})
