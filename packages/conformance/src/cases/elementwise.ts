// Cases of the element-wise primitives: domains where they are smooth, broadcasting, empties and special values.

import type { DType, Primitive } from '@adjoint/core'
import * as core from '@adjoint/core'
import { casesOf, type PrimitiveCase, type PrimitiveCases } from './case.js'
import { ALL, extremes, FLOATS, forDTypes, input, NUMBERS, spread } from './values.js'

/** Between which numbers cases are drawn. */
export type Domain = readonly [low: number, high: number]

const BITS: readonly DType[] = ['int32', 'uint32', 'bool']
const SHIFTED: readonly DType[] = ['int32', 'uint32']

/** Each with dtypes and a domain on which it is smooth; where it is not, none. */
const UNARY: readonly (readonly [Primitive, readonly DType[], Domain | null])[] = [
  [core.negPrimitive, NUMBERS, [-2, 2]],
  [core.absPrimitive, NUMBERS, [0.1, 2]],
  [core.signPrimitive, NUMBERS, [0.1, 2]],
  [core.floorPrimitive, FLOATS, [1.1, 1.9]],
  [core.ceilPrimitive, FLOATS, [-1.9, -1.1]],
  [core.roundPrimitive, FLOATS, [1.6, 2.4]],
  [core.expPrimitive, FLOATS, [-2, 2]],
  [core.expm1Primitive, FLOATS, [-2, 2]],
  [core.logPrimitive, FLOATS, [0.4, 3]],
  [core.log1pPrimitive, FLOATS, [-0.5, 3]],
  [core.sqrtPrimitive, FLOATS, [0.4, 3]],
  [core.sinPrimitive, FLOATS, [-3, 3]],
  [core.cosPrimitive, FLOATS, [-3, 3]],
  [core.tanhPrimitive, FLOATS, [-2, 2]],
  [core.logisticPrimitive, FLOATS, [-3, 3]],
  [core.notPrimitive, BITS, null],
]

/** Each with dtypes and the domains of both operands. */
const BINARY: readonly (readonly [Primitive, readonly DType[], readonly [Domain, Domain] | null])[] = [
  [
    core.addPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
  [
    core.subPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
  [
    core.mulPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
  [
    core.divPrimitive,
    NUMBERS,
    [
      [-2, 2],
      [0.6, 2],
    ],
  ],
  [
    core.remPrimitive,
    NUMBERS,
    [
      [2.2, 2.8],
      [0.95, 1.05],
    ],
  ],
  [
    core.powPrimitive,
    FLOATS,
    [
      [0.5, 2],
      [-2, 2],
    ],
  ],
  [
    core.maxPrimitive,
    ALL,
    [
      [-2, -0.1],
      [0.1, 2],
    ],
  ],
  [
    core.minPrimitive,
    ALL,
    [
      [-2, -0.1],
      [0.1, 2],
    ],
  ],
  [
    core.atan2Primitive,
    FLOATS,
    [
      [-2, 2],
      [0.6, 2],
    ],
  ],
  [core.andPrimitive, BITS, null],
  [core.orPrimitive, BITS, null],
  [core.xorPrimitive, BITS, null],
  [core.shiftLeftPrimitive, SHIFTED, null],
  [core.shiftRightPrimitive, SHIFTED, null],
  [core.eqPrimitive, ALL, null],
  [core.ltPrimitive, ALL, null],
  [core.lePrimitive, ALL, null],
]

/** Around the halves, where rounding modes differ, and far out, where all is integer. */
const HALVES = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999997, 1e9]

/** Cases of a primitive of one operand. */
export function unaryCases(dtypes: readonly DType[], domain: Domain | null): PrimitiveCase[] {
  return forDTypes(dtypes, (dtype) => {
    const smooth = domain !== null && dtype === 'float64' ? [0] : []
    return [
      { name: 'matrix', inputs: [spread(dtype, [2, 3], domain ?? [-9, 9])], smooth },
      { name: 'scalar', inputs: [spread(dtype, [], domain ?? [-9, 9], 3)], smooth },
      { name: 'empty', inputs: [spread(dtype, [2, 0])] },
      { name: 'special', inputs: [input(dtype, [extremes(dtype).length], extremes(dtype))] },
      ...(FLOATS.includes(dtype) ? [{ name: 'halves', inputs: [input(dtype, [8], HALVES)], tolerance: 1e-5 }] : []),
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
    casesOf(core.selectPrimitive, selectCases()),
    casesOf(core.castPrimitive, castCases()),
    casesOf(core.bitcastPrimitive, bitcastCases()),
    casesOf(core.stopGradientPrimitive, unaryCases(ALL, null)),
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

function castCases(): PrimitiveCase<core.DTypeParams>[] {
  return ALL.flatMap((dtype) =>
    forDTypes<core.DTypeParams>(ALL, (from) => [
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

function bitcastCases(): PrimitiveCase<core.DTypeParams>[] {
  const wide: readonly DType[] = ['float32', 'int32', 'uint32']
  return wide.flatMap((dtype) =>
    forDTypes<core.DTypeParams>(wide, (from) => [
      {
        name: `to ${dtype}`,
        inputs: [from === 'float32' ? spread(from, [2, 3]) : input(from, [4], [0, 1, 1065353216, 1073741824])],
        params: { dtype },
      },
      { name: `to ${dtype}, scalar`, inputs: [input(from, [], [2])], params: { dtype } },
    ]),
  )
}
