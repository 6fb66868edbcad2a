// Every primitive against its reference rule, differences, loops over lanes and jit.

import { input, type PrimitiveCase, spread } from '@adjoint/conformance'
import { testPrimitive } from '@adjoint/conformance/vitest'
import { type DType, reference } from '@adjoint/core'
import {
  choleskyPrimitive,
  choleskyUpdatePrimitive,
  columnPivotsPrimitive,
  eighPrimitive,
  expmFrechetPrimitive,
  expmPrimitive,
  invPrimitive,
  luPrimitive,
  qrPrimitive,
  solvePrimitive,
  solveToeplitzPrimitive,
  svdPrimitive,
  triangularSolvePrimitive,
  tridiagonalSolvePrimitive,
} from '../src/index.js'
import { cpu } from './support.js'

const backends = [cpu, reference]
const dtypes: DType[] = ['float32', 'float64']

/** Random entries plus `shift` on the diagonal. */
function matrix(dtype: DType, shape: readonly number[], shift: number, seed = 1) {
  const base = spread(dtype, shape, [-1, 1], seed)
  const [m, n] = shape.slice(-2)
  const data = base.data.map((x, i) => (Math.floor((i % (m * n)) / n) === i % n ? x + shift : x))
  return input(dtype, shape, data)
}

function perDType<P extends object>(make: (dtype: DType) => readonly PrimitiveCase<P>[]): PrimitiveCase[] {
  return dtypes.flatMap((dtype) => make(dtype).map((c) => ({ ...c, name: `${dtype} ${c.name}` }) as PrimitiveCase))
}

const squareCases = (shift: number, order = 2) =>
  perDType((dtype) => [
    { name: '3 x 3', inputs: [matrix(dtype, [3, 3], shift)], smooth: [0], order },
    { name: 'batch', inputs: [matrix(dtype, [2, 3, 3], shift, 3)], smooth: [0], order: 1 },
    { name: '1 x 1', inputs: [matrix(dtype, [1, 1], shift)], smooth: [0], order: 1 },
    { name: 'empty', inputs: [input(dtype, [0, 0], [])] },
    { name: 'no matrices', inputs: [input(dtype, [0, 2, 2], [])] },
    { name: 'NaN', inputs: [input(dtype, [2, 2], [1, NaN, NaN, 3])] },
    { name: 'large', inputs: [matrix(dtype, [50, 50], shift * 20)], tolerance: dtype === 'float64' ? 1e-11 : 1e-4 },
  ])

testPrimitive(choleskyPrimitive, squareCases(4, 3), { backends })

testPrimitive(
  luPrimitive,
  [
    ...squareCases(3),
    ...perDType((dtype) => [
      { name: 'tall', inputs: [matrix(dtype, [4, 2], 3)], smooth: [0], order: 2 },
      { name: 'wide', inputs: [matrix(dtype, [2, 4], 3)], smooth: [0], order: 2 },
      { name: 'swapped', inputs: [input(dtype, [2, 2], [0.1, 2, 3, 4])], smooth: [0], order: 2 },
      { name: 'singular', inputs: [input(dtype, [2, 2], [0, 2, 0, 4])] },
    ]),
  ],
  { backends },
)

testPrimitive(
  qrPrimitive as typeof luPrimitive,
  [
    ...squareCases(3).map((c) => ({ ...c, params: { complete: false } })),
    ...perDType((dtype) => [
      { name: 'tall', inputs: [matrix(dtype, [4, 2], 2)], params: { complete: false }, smooth: [0], order: 2 },
      { name: 'wide', inputs: [matrix(dtype, [2, 4], 2)], params: { complete: false } },
      { name: 'complete', inputs: [matrix(dtype, [4, 2], 2)], params: { complete: true } },
    ]),
  ],
  { backends },
)

testPrimitive(
  columnPivotsPrimitive,
  perDType((dtype) => [
    { name: '3 x 3', inputs: [matrix(dtype, [3, 3], 0)] },
    { name: 'wide', inputs: [matrix(dtype, [2, 5], 0)] },
    { name: 'batch', inputs: [matrix(dtype, [2, 4, 3], 0)] },
  ]),
  { backends },
)

const triangular = [true, false].flatMap((lower) =>
  [true, false].flatMap((transposed) => [true, false].map((unit) => ({ lower, transposed, unit }))),
)

testPrimitive(
  triangularSolvePrimitive as typeof luPrimitive,
  perDType((dtype) =>
    triangular.flatMap((params) => [
      {
        name: JSON.stringify(params),
        inputs: [matrix(dtype, [3, 3], 3), spread(dtype, [3, 2], [-1, 1], 4)],
        params,
        smooth: [0, 1],
        order: 2,
      },
      { name: 'vector', inputs: [matrix(dtype, [40, 40], 9), spread(dtype, [40, 1], [-1, 1], 4)], params },
      { name: 'large', inputs: [matrix(dtype, [70, 70], 20), spread(dtype, [70, 9], [-1, 1], 4)], params },
      { name: 'batch', inputs: [matrix(dtype, [2, 2, 2], 3), spread(dtype, [2, 2, 1], [-1, 1], 4)], params },
    ]),
  ),
  { backends },
)

// A row swap, so that the permutation matters: lu of [[1, 2], [4, 3]] is [[4, 3], [1/4, 5/4]]. Its lanes and derivatives
// are tested through solve(), which keeps the factors those of the matrix.
testPrimitive(
  solvePrimitive as typeof luPrimitive,
  [true, false].map((transposed) => ({
    name: transposed ? 'transposed' : 'plain',
    inputs: [
      input('float32', [2, 2], [1, 2, 4, 3]),
      input('float32', [2, 2], [4, 3, 0.25, 1.25]),
      input('int32', [2], [1, 0]),
      spread('float32', [2, 2], [-1, 1], 2),
    ],
    params: { transposed },
  })),
  { backends },
)

testPrimitive(invPrimitive, squareCases(3), { backends })
testPrimitive(
  expmPrimitive,
  squareCases(0).filter(({ name }) => !name.includes('large')),
  { backends },
)

testPrimitive(
  expmFrechetPrimitive,
  perDType((dtype) => [
    { name: '2 x 2', inputs: [matrix(dtype, [2, 2], 0), matrix(dtype, [2, 2], 0, 2)], smooth: [0, 1], order: 2 },
    { name: 'batch', inputs: [matrix(dtype, [2, 2, 2], 0), matrix(dtype, [2, 2, 2], 0, 2)] },
  ]),
  { backends },
)

testPrimitive(
  solveToeplitzPrimitive,
  perDType((dtype) => [
    {
      name: '3',
      inputs: [input(dtype, [3], [4, 1, 0.5]), input(dtype, [3], [4, -1, 0.3]), spread(dtype, [3, 2], [-1, 1])],
      smooth: [0, 1, 2],
      order: 2,
    },
    {
      name: 'batch',
      inputs: [
        input(dtype, [2, 2], [4, 1, 3, 1]),
        input(dtype, [2, 2], [0, -1, 0, 1]),
        spread(dtype, [2, 2, 1], [-1, 1]),
      ],
    },
    { name: 'singular', inputs: [input(dtype, [1], [0]), input(dtype, [1], [0]), input(dtype, [1, 1], [1])] },
  ]),
  { backends },
)

testPrimitive(
  tridiagonalSolvePrimitive,
  perDType((dtype) => [
    {
      name: '3',
      inputs: [
        input(dtype, [2], [1, 0.5]),
        input(dtype, [3], [3, 2, 4]),
        input(dtype, [2], [-1, 0.3]),
        spread(dtype, [3, 2], [-1, 1]),
      ],
      smooth: [0, 1, 2, 3],
      order: 2,
    },
    {
      name: 'pivoted batch',
      inputs: [
        spread(dtype, [2, 5], [2, 3], 1),
        spread(dtype, [2, 6], [-1, 1], 2),
        spread(dtype, [2, 5], [-1, 1], 3),
        spread(dtype, [2, 6, 1], [-1, 1], 4),
      ],
    },
    {
      name: '1, and singular',
      inputs: [input(dtype, [0], []), input(dtype, [1], [0]), input(dtype, [0], []), input(dtype, [1, 1], [1])],
    },
  ]),
  { backends },
)

// Signs of vectors are free, but both backends run one algorithm: differences are those of the matrix product.
testPrimitive(
  eighPrimitive as typeof luPrimitive,
  [true, false].flatMap((vectors) => squareCases(0).map((c) => ({ ...c, order: 1, params: { vectors } }))),
  { backends },
)

testPrimitive(
  svdPrimitive as typeof luPrimitive,
  [true, false].flatMap((vectors) =>
    [
      ...squareCases(0).filter(({ name }) => !name.includes('1 x 1')),
      ...perDType((dtype) => [
        { name: 'tall', inputs: [matrix(dtype, [5, 2], 0)], smooth: [0] },
        { name: 'rank one', inputs: [input(dtype, [3, 2], [1, 2, 2, 4, 3, 6])] },
      ]),
    ].map((c) => ({ ...c, order: 1, params: { vectors } })),
  ),
  { backends },
)

testPrimitive(
  choleskyUpdatePrimitive as typeof luPrimitive,
  perDType((dtype) =>
    ([1, -1] as const).map((sign) => ({
      name: `sign ${sign}`,
      inputs: [input(dtype, [2, 2], [2, 0, 0.5, 3]), input(dtype, [2, 1], [0.5, 1])],
      params: { sign },
      smooth: [0, 1],
      order: 2,
    })),
  ),
  { backends },
)
