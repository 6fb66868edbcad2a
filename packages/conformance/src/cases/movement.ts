// Cases of the movement primitives: every dtype, empty and 0-d shapes, strides and interiors.

import type { DType } from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'
import { casesOf, type PrimitiveCase, type PrimitiveCases } from './case.js'
import { ALL, forDTypes, NUMBERS, spread } from './values.js'

/** One float64 derivative check per case: all of these are linear. */
function all<P extends object>(
  cases: (dtype: DType, smooth: (...inputs: number[]) => number[]) => readonly PrimitiveCase<P>[],
): PrimitiveCase<P>[] {
  return forDTypes(ALL, (dtype) =>
    cases(dtype, (...inputs) => (dtype === 'float64' ? inputs : [])).map((c) => ({ order: 2, ...c })),
  )
}

/** The movement primitives with their cases. */
export function movementCases(): PrimitiveCases[] {
  return [
    casesOf(primitives.reshapePrimitive, reshapeCases()),
    casesOf(primitives.transposePrimitive, transposeCases()),
    casesOf(primitives.broadcastPrimitive, broadcastCases()),
    casesOf(primitives.slicePrimitive, sliceCases()),
    casesOf(primitives.padPrimitive, padCases()),
    casesOf(primitives.flipPrimitive, flipCases()),
    casesOf(primitives.concatPrimitive, concatCases()),
    casesOf(primitives.iotaPrimitive, iotaCases()),
  ]
}

function reshapeCases(): PrimitiveCase<primitives.ShapeParams>[] {
  return all((dtype, smooth) => [
    { name: 'to a matrix', inputs: [spread(dtype, [6])], params: { shape: [2, 3] }, smooth: smooth(0) },
    { name: 'to a scalar', inputs: [spread(dtype, [1, 1])], params: { shape: [] }, smooth: smooth(0) },
    { name: 'of nothing', inputs: [spread(dtype, [2, 0])], params: { shape: [0, 3] } },
  ])
}

function transposeCases(): PrimitiveCase<primitives.TransposeParams>[] {
  return all((dtype, smooth) => [
    { name: 'of a matrix', inputs: [spread(dtype, [2, 3])], params: { permutation: [1, 0] }, smooth: smooth(0) },
    {
      name: 'of three axes',
      inputs: [spread(dtype, [2, 3, 4])],
      params: { permutation: [2, 0, 1] },
      smooth: smooth(0),
    },
    { name: 'of a scalar', inputs: [spread(dtype, [])], params: { permutation: [] } },
    { name: 'of nothing', inputs: [spread(dtype, [0, 3])], params: { permutation: [1, 0] } },
  ])
}

function broadcastCases(): PrimitiveCase<primitives.ShapeParams>[] {
  return all((dtype, smooth) => [
    { name: 'of a scalar', inputs: [spread(dtype, [])], params: { shape: [2, 3] }, smooth: smooth(0) },
    { name: 'of a column', inputs: [spread(dtype, [2, 1])], params: { shape: [3, 2, 4] }, smooth: smooth(0) },
    { name: 'to nothing', inputs: [spread(dtype, [1])], params: { shape: [2, 0] } },
    { name: 'to itself', inputs: [spread(dtype, [2])], params: { shape: [2] }, smooth: smooth(0) },
  ])
}

function sliceCases(): PrimitiveCase<primitives.SliceParams>[] {
  return all((dtype, smooth) => [
    {
      name: 'of a block',
      inputs: [spread(dtype, [4, 5])],
      params: { starts: [1, 0], limits: [3, 4], strides: [1, 1] },
      smooth: smooth(0),
    },
    {
      name: 'with strides',
      inputs: [spread(dtype, [7, 4])],
      params: { starts: [1, 0], limits: [7, 4], strides: [3, 2] },
      smooth: smooth(0),
    },
    {
      name: 'of nothing',
      inputs: [spread(dtype, [3])],
      params: { starts: [2], limits: [2], strides: [1] },
      smooth: smooth(0),
    },
    { name: 'of a scalar', inputs: [spread(dtype, [])], params: { starts: [], limits: [], strides: [] } },
  ])
}

function padCases(): PrimitiveCase<primitives.PadParams>[] {
  return all((dtype, smooth) => [
    {
      name: 'around',
      inputs: [spread(dtype, [2, 3]), spread(dtype, [], [-2, 2], 5)],
      params: { low: [1, 0], high: [0, 2], interior: [0, 0] },
      smooth: smooth(0, 1),
    },
    {
      name: 'between',
      inputs: [spread(dtype, [3]), spread(dtype, [], [-2, 2], 5)],
      params: { low: [1], high: [2], interior: [2] },
      smooth: smooth(0, 1),
    },
    {
      name: 'of nothing',
      inputs: [spread(dtype, [0, 2]), spread(dtype, [])],
      params: { low: [1, 0], high: [1, 0], interior: [1, 1] },
      smooth: smooth(1),
    },
    {
      name: 'of a scalar',
      inputs: [spread(dtype, []), spread(dtype, [])],
      params: { low: [], high: [], interior: [] },
    },
  ])
}

function flipCases(): PrimitiveCase<primitives.FlipParams>[] {
  return all((dtype, smooth) => [
    { name: 'of one axis', inputs: [spread(dtype, [2, 3])], params: { axes: [1] }, smooth: smooth(0) },
    { name: 'of two axes', inputs: [spread(dtype, [2, 3, 2])], params: { axes: [0, 2] }, smooth: smooth(0) },
    { name: 'of nothing', inputs: [spread(dtype, [0, 2])], params: { axes: [0] } },
  ])
}

function concatCases(): PrimitiveCase<primitives.ConcatParams>[] {
  return all((dtype, smooth) => [
    {
      name: 'of three',
      inputs: [spread(dtype, [2, 1]), spread(dtype, [2, 3], [-2, 2], 2), spread(dtype, [2, 2], [-2, 2], 3)],
      params: { axis: 1 },
      smooth: smooth(0, 1, 2),
    },
    {
      name: 'along the first axis',
      inputs: [spread(dtype, [1, 2]), spread(dtype, [2, 2], [-2, 2], 2)],
      params: { axis: 0 },
      smooth: smooth(0, 1),
    },
    {
      name: 'with nothing',
      inputs: [spread(dtype, [0, 2]), spread(dtype, [1, 2])],
      params: { axis: 0 },
      smooth: smooth(1),
    },
    { name: 'of one', inputs: [spread(dtype, [3])], params: { axis: 0 }, smooth: smooth(0) },
  ])
}

function iotaCases(): PrimitiveCase<primitives.IotaParams>[] {
  return NUMBERS.flatMap((dtype) => {
    const of = (name: string, shape: number[], axis: number) => ({
      name: `${dtype} ${name}`,
      inputs: [],
      params: { shape, dtype: dtype as primitives.IotaParams['dtype'], axis },
    })
    return [
      of('vector', [5], 0),
      of('first of two axes', [2, 3], 0),
      of('last of two axes', [2, 3], 1),
      of('nothing', [0, 2], 1),
    ]
  })
}
