// Cases of the element-wise primitives: domains where they are smooth, broadcasting, empties and special values.

import type { DType, Primitive } from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'
import { casesOf, type PrimitiveCase, type PrimitiveCases } from './case.js'
import { ALL, extremes, FLOATS, forDTypes, input, NUMBERS, spread } from './values.js'

/** Between which numbers cases are drawn. */
export type Domain = readonly [low: number, high: number]

const BITS: readonly DType[] = ['int32', 'uint32', 'bool']
const SHIFTED: readonly DType[] = ['int32', 'uint32']

/** Each with dtypes and a domain on which it is smooth; where it is not, none. */
const UNARY: readonly (readonly [Primitive, readonly DType[], Domain | null])[] = [
  [primitives.negPrimitive, NUMBERS, [-2, 2]],
  [primitives.absPrimitive, NUMBERS, [0.1, 2]],
  [primitives.signPrimitive, NUMBERS, [0.1, 2]],
  [primitives.floorPrimitive, FLOATS, [1.1, 1.9]],
  [primitives.ceilPrimitive, FLOATS, [-1.9, -1.1]],
  [primitives.roundPrimitive, FLOATS, [1.6, 2.4]],
  [primitives.expPrimitive, FLOATS, [-2, 2]],
  [primitives.expm1Primitive, FLOATS, [-2, 2]],
  [primitives.logPrimitive, FLOATS, [0.4, 3]],
  [primitives.log1pPrimitive, FLOATS, [-0.5, 3]],
  [primitives.sqrtPrimitive, FLOATS, [0.4, 3]],
  [primitives.sinPrimitive, FLOATS, [-3, 3]],
  [primitives.cosPrimitive, FLOATS, [-3, 3]],
  [primitives.tanhPrimitive, FLOATS, [-2, 2]],
  [primitives.logisticPrimitive, FLOATS, [-3, 3]],
  [primitives.notPrimitive, BITS, null],
]

/** Each with dtypes and the domains of both operands. */
const BINARY: readonly (readonly [Primitive, readonly DType[], readonly [Domain, Domain] | null])[] = [
  [
    primitives.addPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
  [
    primitives.subPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
  [
    primitives.mulPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
  [
    primitives.divPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [0.6, 2],
    ],
  ],
  [
    primitives.remPrimitive,
    NUMBERS,
    [
      [2.2, 2.8],
      [0.95, 1.05],
    ],
  ],
  [
    primitives.powPrimitive,
    FLOATS,
    [
      [0.5, 2],
      [-2, 2],
    ],
  ],
  [
    primitives.maxPrimitive,
    ALL,
    [
      [-2, -0.1],
      [0.1, 2],
    ],
  ],
  [
    primitives.minPrimitive,
    ALL,
    [
      [-2, -0.1],
      [0.1, 2],
    ],
  ],
  [
    primitives.atan2Primitive,
    FLOATS,
    [
      [-2, 2],
      [0.6, 2],
    ],
  ],
  [primitives.andPrimitive, BITS, null],
  [primitives.orPrimitive, BITS, null],
  [primitives.xorPrimitive, BITS, null],
  [primitives.shiftLeftPrimitive, SHIFTED, null],
  [primitives.shiftRightPrimitive, SHIFTED, null],
  [primitives.eqPrimitive, ALL, null],
  [primitives.ltPrimitive, ALL, null],
  [primitives.lePrimitive, ALL, null],
]

/** Around the halves, where rounding modes differ. */
const HALVES = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999997]

/** Far out, where all floats are integers, and angles many turns. */
const FAR = [1e9, -1e9, 123456.7]

/** Cases of a primitive of one operand. */
export function unaryCases(dtypes: readonly DType[], domain: Domain | null): PrimitiveCase[] {
  return forDTypes(dtypes, (dtype) => {
    const smooth = domain !== null && dtype === 'float64' ? [0] : []
    return [
      { name: 'matrix', inputs: [spread(dtype, [2, 3], domain ?? [-9, 9])], smooth },
      { name: 'scalar', inputs: [spread(dtype, [], domain ?? [-9, 9], 3)], smooth },
      { name: 'empty', inputs: [spread(dtype, [2, 0])] },
      { name: 'special', inputs: [input(dtype, [extremes(dtype).length], extremes(dtype))] },
      ...(FLOATS.includes(dtype)
        ? [
            { name: 'halves', inputs: [input(dtype, [HALVES.length], HALVES)], tolerance: 1e-5 },
            { name: 'far out', inputs: [input(dtype, [FAR.length], FAR)], tolerance: 1e-5 },
          ]
        : []),
    ]
  })
}

/** Cases of a primitive of two operands that broadcast. */
export function binaryCases(dtypes: readonly DType[], domains: readonly [Domain, Domain] | null): PrimitiveCase[] {
  const [left, right] = domains ?? [
    [-9, 9],
    [-9, 9],
  ]
  return forDTypes(dtypes, (dtype) => {
    const smooth = domains !== null && dtype === 'float64' ? [0, 1] : []
    const edge = extremes(dtype)
    const pairs = edge.length
    return [
      { name: 'equal shapes', inputs: [spread(dtype, [2, 3], left), spread(dtype, [2, 3], right, 2)], smooth },
      { name: 'broadcast', inputs: [spread(dtype, [2, 1, 3], left), spread(dtype, [2, 1], right, 2)], smooth },
      { name: 'scalar with vector', inputs: [spread(dtype, [], left), spread(dtype, [4], right, 2)], smooth },
      { name: 'scalars', inputs: [spread(dtype, [], left), spread(dtype, [], right, 2)], smooth },
      { name: 'empty', inputs: [spread(dtype, [0, 1]), spread(dtype, [1, 3])] },
      { name: 'ties', inputs: [input(dtype, [3], [0, 1, 1]), input(dtype, [3], [0, 1, 0])] },
      { name: 'special', inputs: [input(dtype, [pairs, 1], edge), input(dtype, [pairs], edge)] },
    ]
  })
}

/** The element-wise primitives with their cases. */
export function elementwiseCases(): PrimitiveCases[] {
  return [
    ...UNARY.map(([primitive, dtypes, domain]) => casesOf(primitive, unaryCases(dtypes, domain))),
    ...BINARY.map(([primitive, dtypes, domains]) => casesOf(primitive, binaryCases(dtypes, domains))),
    casesOf(primitives.selectPrimitive, selectCases()),
    casesOf(primitives.castPrimitive, castCases()),
    casesOf(primitives.bitcastPrimitive, bitcastCases()),
    casesOf(primitives.stopGradientPrimitive, unaryCases(ALL, null)),
  ]
}

function selectCases(): PrimitiveCase[] {
  return forDTypes(ALL, (dtype) => {
    const smooth = dtype === 'float64' ? [1, 2] : []
    const edge = extremes(dtype)
    return [
      {
        name: 'equal shapes',
        inputs: [input('bool', [2, 2], [1, 0, 0, 1]), spread(dtype, [2, 2]), spread(dtype, [2, 2], [-2, 2], 2)],
        smooth,
      },
      {
        name: 'scalar condition',
        inputs: [input('bool', [], [1]), spread(dtype, [3]), spread(dtype, [2, 1], [-2, 2], 2)],
        smooth,
      },
      {
        name: 'broadcast condition',
        inputs: [input('bool', [2, 1], [0, 1]), spread(dtype, []), spread(dtype, [3], [-2, 2], 2)],
        smooth,
      },
      { name: 'empty', inputs: [input('bool', [0], []), spread(dtype, []), spread(dtype, [1])] },
      {
        name: 'special',
        inputs: [
          input('bool', [2, 1], [0, 1]),
          input(dtype, [edge.length], edge),
          input(dtype, [edge.length], [...edge].reverse()),
        ],
      },
    ]
  })
}

const CONVERTED = [NaN, Infinity, -Infinity, 0, -0, 1.9, -1.9, 3e9, -3e9, 0.25, 255]

function castCases(): PrimitiveCase<primitives.DTypeParams>[] {
  return ALL.flatMap((dtype) =>
    forDTypes<primitives.DTypeParams>(ALL, (from) => [
      {
        name: `to ${dtype}`,
        inputs: [spread(from, [2, 3], [-5, 5])],
        params: { dtype },
        smooth: from === 'float64' && dtype === 'float64' ? [0] : [],
      },
      {
        name: `to ${dtype}, special`,
        inputs: [
          FLOATS.includes(from)
            ? input(from, [CONVERTED.length], CONVERTED)
            : input(from, [extremes(from).length], extremes(from)),
        ],
        params: { dtype },
      },
      { name: `to ${dtype}, empty`, inputs: [spread(from, [0])], params: { dtype } },
    ]),
  )
}

function bitcastCases(): PrimitiveCase<primitives.DTypeParams>[] {
  const wide: readonly DType[] = ['float32', 'int32', 'uint32']
  return wide.flatMap((dtype) =>
    forDTypes<primitives.DTypeParams>(wide, (from) => [
      {
        name: `to ${dtype}`,
        inputs: [from === 'float32' ? spread(from, [2, 3]) : input(from, [4], [0, 1, 1065353216, 1073741824])],
        params: { dtype },
      },
      { name: `to ${dtype}, scalar`, inputs: [input(from, [], [2])], params: { dtype } },
    ]),
  )
}
