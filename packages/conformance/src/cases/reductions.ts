// Cases of reductions, running reductions, matrix products and sorting: axes, empties, ties, NaN and wrapping.

import type { DType, Primitive } from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'
import { casesOf, type PrimitiveCase, type PrimitiveCases } from './case.js'
import { ALL, extremes, FLOATS, forDTypes, input, NUMBERS, spread } from './values.js'

/** Reductions, running reductions, products and sorting with their cases. */
export function reductionCases(): PrimitiveCases[] {
  return [
    casesOf(primitives.sumPrimitive, reduceCases(NUMBERS)),
    casesOf(primitives.prodPrimitive, reduceCases(NUMBERS)),
    casesOf(primitives.reduceMaxPrimitive, reduceCases(ALL)),
    casesOf(primitives.reduceMinPrimitive, reduceCases(ALL)),
    ...[primitives.argMaxPrimitive, primitives.argMinPrimitive].map((primitive: Primitive<primitives.ArgParams>) =>
      casesOf(primitive, argCases()),
    ),
    casesOf(primitives.cumulativePrimitive, cumulativeCases()),
    casesOf(primitives.dotPrimitive, dotCases()),
    casesOf(primitives.sortPrimitive, sortCases()),
  ]
}

function reduceCases(dtypes: readonly DType[]): PrimitiveCase<primitives.ReduceParams>[] {
  return forDTypes(dtypes, (dtype) => {
    const smooth = dtype === 'float64' ? [0] : []
    const edge = extremes(dtype)
    return [
      { name: 'rows', inputs: [spread(dtype, [2, 4])], params: { axes: [1] }, smooth },
      { name: 'columns', inputs: [spread(dtype, [3, 2])], params: { axes: [0] }, smooth },
      { name: 'first and last axis', inputs: [spread(dtype, [2, 3, 2])], params: { axes: [0, 2] }, smooth },
      { name: 'all', inputs: [spread(dtype, [2, 3])], params: { axes: [0, 1] }, smooth },
      { name: 'empty rows', inputs: [spread(dtype, [2, 0])], params: { axes: [1] } },
      { name: 'no rows', inputs: [spread(dtype, [0, 2])], params: { axes: [1] } },
      { name: 'one element', inputs: [spread(dtype, [1])], params: { axes: [0] }, smooth },
      { name: 'ties', inputs: [input(dtype, [2, 3], [1, 1, 0, 0, 1, 1])], params: { axes: [1] } },
      { name: 'special alone', inputs: [input(dtype, [edge.length, 1], edge)], params: { axes: [1] } },
      { name: 'special together', inputs: [input(dtype, [edge.length], edge)], params: { axes: [0] } },
      { name: 'long', inputs: [spread(dtype, [1000], [0.9, 1.1])], params: { axes: [0] }, tolerance: 1e-5 },
    ]
  })
}

function argCases(): PrimitiveCase<primitives.ArgParams>[] {
  return forDTypes(ALL, (dtype) => {
    const edge = extremes(dtype)
    return [
      { name: 'rows', inputs: [spread(dtype, [2, 4])], params: { axis: 1 } },
      { name: 'middle axis', inputs: [spread(dtype, [2, 3, 2])], params: { axis: 1 } },
      { name: 'ties', inputs: [input(dtype, [2, 3], [0, 1, 1, 0, 0, 1])], params: { axis: 1 } },
      { name: 'special', inputs: [input(dtype, [edge.length], edge)], params: { axis: 0 } },
      { name: 'no rows', inputs: [spread(dtype, [0, 2])], params: { axis: 1 } },
      { name: 'one element', inputs: [spread(dtype, [1])], params: { axis: 0 } },
    ]
  })
}

function cumulativeCases(): PrimitiveCase<primitives.CumulativeParams>[] {
  const kinds = (['sum', 'max'] as const).flatMap((op) => [false, true].map((reverse) => ({ op, reverse })))
  return kinds.flatMap(({ op, reverse }) =>
    forDTypes<primitives.CumulativeParams>(NUMBERS, (dtype) => {
      const name = `${op}${reverse ? ' in reverse' : ''}`
      const smooth = dtype === 'float64' ? [0] : []
      const edge = extremes(dtype)
      return [
        { name, inputs: [spread(dtype, [2, 4])], params: { op, axis: 1, reverse }, smooth, order: 2 },
        {
          name: `${name}, first axis`,
          inputs: [spread(dtype, [3, 2])],
          params: { op, axis: 0, reverse },
          smooth,
          order: 2,
        },
        { name: `${name}, empty`, inputs: [spread(dtype, [2, 0])], params: { op, axis: 1, reverse } },
        { name: `${name}, special`, inputs: [input(dtype, [edge.length], edge)], params: { op, axis: 0, reverse } },
      ]
    }),
  )
}

function dotCases(): PrimitiveCase<primitives.DotParams>[] {
  return forDTypes(NUMBERS, (dtype) => {
    const smooth = dtype === 'float64' ? [0, 1] : []
    const of = (
      name: string,
      a: number[],
      b: number[],
      contract: primitives.DotParams['contract'],
      batch: primitives.DotParams['batch'] = [[], []],
    ) => ({
      name,
      inputs: [spread(dtype, a), spread(dtype, b, [-2, 2], 2)],
      params: { contract, batch },
      smooth,
    })
    return [
      of('matrix product', [2, 3], [3, 4], [[1], [0]]),
      of('transposed product', [3, 2], [4, 3], [[0], [1]]),
      of('inner product', [5], [5], [[0], [0]]),
      of('outer product', [2], [3], [[], []]),
      of('scalars', [], [], [[], []]),
      of('batch', [2, 3, 2], [2, 2, 3], [[2], [1]], [[0], [0]]),
      of('batch in the middle', [3, 2, 2], [2, 3, 2], [[0], [1]], [[1], [2]]),
      of(
        'two contracted axes',
        [2, 3, 2],
        [3, 2, 2],
        [
          [1, 0],
          [0, 2],
        ],
      ),
      { ...of('empty contraction', [2, 0], [0, 3], [[1], [0]]), smooth: [] },
      { ...of('no rows', [0, 2], [2, 3], [[1], [0]]), smooth: [] },
      { ...of('large', [33, 40], [40, 17], [[1], [0]]), smooth: [], tolerance: 1e-5 },
    ]
  })
}

function sortCases(): PrimitiveCase<primitives.SortParams>[] {
  return forDTypes(ALL, (dtype) => {
    const smooth = dtype === 'float64' ? [0] : []
    const edge = extremes(dtype)
    const places = input('int32', [2, 5], [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    const tied = input(dtype, [2, 5], [1, 0, 1, 0, 1, 1, 1, 0, 0, 0])
    return [
      { name: 'alone', inputs: [spread(dtype, [2, 4])], params: { keys: 1, descending: false }, smooth },
      { name: 'descending', inputs: [spread(dtype, [5])], params: { keys: 1, descending: true }, smooth },
      {
        name: 'carries a float',
        inputs: [spread(dtype, [2, 3]), spread('float64', [2, 3], [-2, 2], 7)],
        params: { keys: 1, descending: false },
        smooth: [...smooth, 1],
      },
      { name: 'ties keep their order', inputs: [tied, places], params: { keys: 1, descending: false } },
      { name: 'ties keep their order, descending', inputs: [tied, places], params: { keys: 1, descending: true } },
      { name: 'two keys', inputs: [tied, spread(dtype, [2, 5]), places], params: { keys: 2, descending: false } },
      { name: 'special', inputs: [input(dtype, [edge.length], edge)], params: { keys: 1, descending: false } },
      {
        name: 'special, descending',
        inputs: [input(dtype, [edge.length], edge)],
        params: { keys: 1, descending: true },
      },
      { name: 'empty rows', inputs: [spread(dtype, [2, 0])], params: { keys: 1, descending: false } },
      { name: 'no rows', inputs: [spread(dtype, [0, 2])], params: { keys: 1, descending: false } },
      ...(FLOATS.includes(dtype)
        ? [
            {
              name: 'signed zeros are equal',
              inputs: [input(dtype, [4], [0, -0, 0, -0]), input('int32', [4], [0, 1, 2, 3])],
              params: { keys: 1, descending: false },
            },
          ]
        : []),
    ]
  })
}
