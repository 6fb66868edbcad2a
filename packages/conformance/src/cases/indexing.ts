// Cases of gather, scatter, dynamic windows and random bits: indices inside, outside, repeated and none.

import * as primitives from '@adjoint/core/primitives'
import { casesOf, type PrimitiveCase, type PrimitiveCases } from './case.js'
import { ALL, forDTypes, input, NUMBERS, spread } from './values.js'

const start = (...at: number[]) => input('int32', [at.length], at)

/** Primitives with tensor indices, and random bits, with their cases. */
export function indexingCases(): PrimitiveCases[] {
  return [
    casesOf(primitives.gatherPrimitive, gatherCases()),
    casesOf(primitives.scatterPrimitive, scatterCases()),
    casesOf(primitives.dynamicSlicePrimitive, dynamicSliceCases()),
    casesOf(primitives.dynamicUpdatePrimitive, dynamicUpdateCases()),
    casesOf(primitives.randomBitsPrimitive, randomCases()),
  ]
}

function gatherCases(): PrimitiveCase<primitives.GatherParams>[] {
  return forDTypes<primitives.GatherParams>(ALL, (dtype) => {
    const smooth = dtype === 'float64' ? [0] : []
    const order = 2
    return [
      {
        name: 'rows',
        inputs: [spread(dtype, [4, 2]), input('int32', [3, 1], [2, 0, 2])],
        params: { batch: 0, mode: 'clip' },
        smooth,
        order,
      },
      {
        name: 'elements',
        inputs: [spread(dtype, [3, 4]), input('int32', [2, 2, 2], [0, 1, 2, 3, 1, 1, 0, 0])],
        params: { batch: 0, mode: 'clip' },
        smooth,
        order,
      },
      {
        name: 'outside, clipped',
        inputs: [spread(dtype, [3]), input('int32', [4, 1], [-1, 0, 3, 100])],
        params: { batch: 0, mode: 'clip' },
        smooth,
        order,
      },
      {
        name: 'outside, dropped',
        inputs: [spread(dtype, [3, 2]), input('int32', [4, 1], [-1, 0, 3, 2])],
        params: { batch: 0, mode: 'drop' },
        smooth,
        order,
      },
      {
        name: 'per lane',
        inputs: [spread(dtype, [2, 3, 2]), input('int32', [2, 2, 1], [0, 2, 1, 1])],
        params: { batch: 1, mode: 'clip' },
        smooth,
        order,
      },
      {
        name: 'everything',
        inputs: [spread(dtype, [2, 2]), input('int32', [3, 0], [])],
        params: { batch: 0, mode: 'clip' },
        smooth,
        order,
      },
      {
        name: 'no points',
        inputs: [spread(dtype, [3]), input('int32', [0, 1], [])],
        params: { batch: 0, mode: 'clip' },
      },
      {
        name: 'a single point',
        inputs: [spread(dtype, [3]), input('int32', [1], [1])],
        params: { batch: 0, mode: 'clip' },
        smooth,
        order,
      },
    ]
  })
}

function scatterCases(): PrimitiveCase<primitives.ScatterParams>[] {
  const combines = ['add', 'set', 'min', 'max'] as const
  return combines.flatMap((combine) =>
    forDTypes<primitives.ScatterParams>(combine === 'add' ? NUMBERS : ALL, (dtype) => {
      const smooth = dtype === 'float64' ? [0, 2] : []
      const order = 2
      const params = { batch: 0, mode: 'drop', combine } as const
      const updates = (shape: number[]) => spread(dtype, shape, [-1.7, 2.3], 9)
      return [
        {
          name: `${combine} rows`,
          inputs: [spread(dtype, [4, 2]), input('int32', [2, 1], [2, 0]), updates([2, 2])],
          params,
          smooth,
          order,
        },
        {
          name: `${combine} twice in one place`,
          inputs: [spread(dtype, [3]), input('int32', [4, 1], [1, 1, 2, 1]), updates([4])],
          params,
          smooth,
          order,
        },
        {
          name: `${combine} outside, dropped`,
          inputs: [spread(dtype, [3]), input('int32', [3, 1], [-1, 3, 0]), updates([3])],
          params,
          smooth,
          order,
        },
        {
          name: `${combine} outside, clipped`,
          inputs: [spread(dtype, [3]), input('int32', [2, 1], [-1, 7]), updates([2])],
          params: { ...params, mode: 'clip' },
          smooth,
          order,
        },
        {
          name: `${combine} per lane`,
          inputs: [spread(dtype, [2, 3]), input('int32', [2, 2, 1], [0, 2, 1, 0]), updates([2, 2])],
          params: { ...params, batch: 1 },
          smooth,
          order,
        },
        {
          name: `${combine} nothing`,
          inputs: [spread(dtype, [3]), input('int32', [0, 1], []), updates([0])],
          params,
          smooth: smooth.slice(0, 1),
          order,
        },
      ]
    }),
  )
}

function dynamicSliceCases(): PrimitiveCase<primitives.WindowParams>[] {
  return forDTypes(ALL, (dtype) => {
    const smooth = dtype === 'float64' ? [0] : []
    const order = 2
    return [
      { name: 'inside', inputs: [spread(dtype, [4, 5]), start(1, 2)], params: { sizes: [2, 3] }, smooth, order },
      { name: 'moved to fit', inputs: [spread(dtype, [4, 5]), start(3, -2)], params: { sizes: [2, 3] }, smooth, order },
      { name: 'of nothing', inputs: [spread(dtype, [3]), start(1)], params: { sizes: [0] } },
      { name: 'of a scalar', inputs: [spread(dtype, []), start()], params: { sizes: [] }, smooth, order },
    ]
  })
}

function dynamicUpdateCases(): PrimitiveCase[] {
  return forDTypes(ALL, (dtype) => {
    const smooth = dtype === 'float64' ? [0, 1] : []
    const order = 2
    return [
      {
        name: 'inside',
        inputs: [spread(dtype, [3, 4]), spread(dtype, [2, 2], [-2, 2], 3), start(1, 2)],
        smooth,
        order,
      },
      { name: 'moved to fit', inputs: [spread(dtype, [4]), spread(dtype, [3], [-2, 2], 3), start(9)], smooth, order },
      {
        name: 'with nothing',
        inputs: [spread(dtype, [3]), spread(dtype, [0]), start(1)],
        smooth: smooth.slice(0, 1),
        order,
      },
      { name: 'of a scalar', inputs: [spread(dtype, []), spread(dtype, [], [-2, 2], 3), start()], smooth, order },
    ]
  })
}

function randomCases(): PrimitiveCase<primitives.ShapeParams>[] {
  return [
    { name: 'vector', inputs: [input('uint32', [2], [0, 42])], params: { shape: [7] } },
    { name: 'matrix', inputs: [input('uint32', [2], [4294967295, 1])], params: { shape: [2, 3] } },
    { name: 'scalar', inputs: [input('uint32', [2], [1, 2])], params: { shape: [] } },
    { name: 'a key per lane', inputs: [input('uint32', [3, 2], [0, 1, 2, 3, 4, 5])], params: { shape: [4] } },
    { name: 'nothing', inputs: [input('uint32', [2], [0, 0])], params: { shape: [0] } },
  ]
}
