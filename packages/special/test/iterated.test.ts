import { cpu } from '@adjoint/backend-cpu'
import { type Domain, spread } from '@adjoint/conformance'
import { testPrimitive } from '@adjoint/conformance/vitest'
import { type Primitive, reference } from '@adjoint/core'
import { binomialPrimitive, choicesPrimitive, poissonPrimitive } from '../src/distributions/discrete-means.js'
import { momentPrimitive as vonMisesPrimitive } from '../src/distributions/von-mises.js'
import { polygammaPrimitive } from '../src/gamma.js'
import * as incompleteBeta from '../src/incomplete-beta.js'
import * as incompleteGamma from '../src/incomplete-gamma.js'

const FLOATS = ['float32', 'float64'] as const

/** Cases of equal and of broadcast shapes; `smooth` are the operands with derivatives. */
const cases = (inputs: readonly Domain[], params: object, smooth: readonly number[]) =>
  FLOATS.flatMap((dtype) =>
    [inputs.map(() => [2]), [[], [2, 1], [2]]].map((shapes, i) => ({
      name: `${dtype} ${JSON.stringify(params)} ${i === 0 ? 'equal shapes' : 'broadcast'}`,
      inputs: inputs.map((domain, k) => spread(dtype, shapes[k], domain, k + 1)),
      params,
      smooth: dtype === 'float64' ? smooth : [],
    })),
  )

function test<P extends object>(
  primitive: Primitive<P>,
  inputs: readonly Domain[],
  params: readonly P[],
  smooth: readonly number[] = inputs.map((_, k) => k),
): void {
  testPrimitive(
    primitive as unknown as Primitive,
    params.flatMap((p) => cases(inputs, p, smooth)),
    { backends: [cpu, reference] },
  )
}

test(polygammaPrimitive, [[0.6, 6]], [{ n: 1 }, { n: 2 }, { n: 5 }])
test(
  incompleteGamma.momentPrimitive,
  [
    [0.6, 6],
    [0.5, 6],
  ],
  [0, 1, 2].flatMap((order) => [
    { order, upper: false },
    { order, upper: true },
  ]),
)
test(
  incompleteGamma.inversePrimitive,
  [
    [0.6, 6],
    [0.2, 0.8],
  ],
  [{ upper: false }, { upper: true }],
)
test(
  incompleteBeta.momentPrimitive,
  [
    [0.6, 6],
    [0.6, 6],
    [0.2, 0.8],
  ],
  [
    { i: 0, j: 0 },
    { i: 1, j: 0 },
    { i: 0, j: 2 },
  ],
)
test(
  incompleteBeta.inversePrimitive,
  [
    [0.8, 4],
    [0.8, 4],
    [0.2, 0.8],
  ],
  [{}],
)
test(
  vonMisesPrimitive,
  [
    [0.5, 6],
    [-2, 2],
  ],
  [{ order: 0 }, { order: 1 }],
)
test(poissonPrimitive, [[0.5, 6]], [{ order: 0 }, { order: 1 }])
test(
  binomialPrimitive,
  [
    [30, 30],
    [0.2, 0.8],
  ],
  [{ order: 0 }, { order: 1 }],
  [1],
)
test(
  choicesPrimitive,
  [
    [12, 12],
    [20, 20],
    [0.2, 0.8],
  ],
  [{ order: 0 }, { order: 1 }],
  [2],
)
