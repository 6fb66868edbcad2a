// at().get/set/add/min/max, take, gathers and windows against plain loops.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { einsum } from '../src/einsum.js'
import * as core from '../src/index.js'
import { at, grad, jit, type Tensor, tensor, vmap } from '../src/index.js'
import { errorOf, expectValues, f64, i32 } from './support.js'

const x = f64([
  [1, 2, 3],
  [4, 5, 6],
])

describe('at', () => {
  it('reads elements, ranges and rows', () => {
    expectValues(at(x, 1, 2).get(), 6)
    expectValues(at(x, -1).get(), [4, 5, 6])
    expectValues(at(x, null, [0, 3, 2]).get(), [
      [1, 3],
      [4, 6],
    ])
    expectValues(at(x, i32([1, 0, 1])).get(), [
      [4, 5, 6],
      [1, 2, 3],
      [4, 5, 6],
    ])
    expectValues(at(x, 0, i32([2, -1])).get(), [3, 3])
    expectValues(at(x, i32([0, 1]), i32([1, 0])).get(), [2, 4])
    expectValues(at(x).get(), [
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('writes copies', () => {
    expectValues(at(x, 0, 1).set(9), [
      [1, 9, 3],
      [4, 5, 6],
    ])
    expectValues(at(x, null, 0).set(f64([7, 8])), [
      [7, 2, 3],
      [8, 5, 6],
    ])
    expectValues(at(x, i32([0, 0])).add(1), [
      [3, 4, 5],
      [4, 5, 6],
    ])
    expectValues(at(x, null, [1, 3]).max(5), [
      [1, 5, 5],
      [4, 5, 6],
    ])
    expectValues(at(x, i32([1])).min(5), [
      [1, 2, 3],
      [4, 5, 5],
    ])
    expectValues(at(f64(3)).set(4), 4)
    expectValues(x, [
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('clips tensor indices on reading, drops them on writing, checks static ones', async () => {
    expectValues(at(f64([1, 2, 3]), i32([5])).get(), [3])
    expectValues(at(f64([1, 2, 3]), i32([5, -9])).get('drop'), [0, 0])
    expectValues(at(f64([1, 2, 3]), i32([5, 1])).set(9), [1, 9, 3])
    await errorOf('index-out-of-range', () => at(f64([1, 2, 3]), 5).get())
    await errorOf('index-out-of-range', () => at(f64([1, 2, 3]), -4).set(0))
  })

  it('of two sets to one place keeps the last', () => {
    expectValues(at(f64([0, 0]), i32([1, 1])).set(f64([3, 4])), [0, 4])
  })

  it('is differentiable in the tensor and in the values', () => {
    expectValues(
      grad((v: Tensor) =>
        at(v, i32([0, 0, 2]))
          .get()
          .square()
          .sum(),
      )(f64([1, 2, 3])),
      [4, 0, 6],
    )
    expectValues(grad((v: Tensor) => at(v, 1).set(0).square().sum())(f64([1, 2, 3])), [2, 0, 6])
    expectValues(
      grad((u: Tensor) =>
        at(f64([1, 2, 3]), i32([1, 1]))
          .set(u)
          .square()
          .sum(),
      )(f64([5, 7])),
      [0, 14],
    )
    expectValues(
      grad((u: Tensor) =>
        at(f64([1, 2, 3]), i32([1, 1]))
          .add(u)
          .square()
          .sum(),
      )(f64([5, 7])),
      [28, 28],
    )
  })

  it('works under jit and vmap, with batched indices', () => {
    const pick = (v: Tensor, i: Tensor) => at(v, i).get()
    expectValues(vmap(pick)(x, i32([2, 0])), [3, 4])
    expectValues(jit(vmap(pick, { inAxes: [null, 0] }))(f64([7, 8, 9]), i32([2, 0])), [9, 7])
    expectValues(vmap((v: Tensor, i: Tensor) => at(v, i).add(1))(x, i32([2, 0])), [
      [1, 2, 4],
      [5, 5, 6],
    ])
  })
})

describe('windows', () => {
  it('move so that they fit', () => {
    expectValues(core.dynamicSlice(x, [0, 9], [1, 2]), [[2, 3]])
    expectValues(core.dynamicUpdate(x, f64([[0]]), [9, -9]), [
      [1, 2, 3],
      [0, 5, 6],
    ])
    expectValues(jit((v: Tensor, s: Tensor) => core.dynamicSlice(v, [0, s], [2, 1]))(x, i32(1)), [[2], [5]])
  })
})

describe('one-hot, top and sorted', () => {
  it('follow their labels', () => {
    expectValues(
      core.oneHot(i32([1, 0, 5]), 3),
      [
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 0],
      ],
      'float32',
    )
    const { values, indices } = core.topK(f64([3, 9, 9, 1]), 3)
    expectValues(values, [9, 9, 3])
    expectValues(indices, [1, 2, 0], 'int32')
    expectValues(
      grad((v: Tensor) =>
        core
          .sort(v)
          .mul(f64([1, 2, 3]))
          .sum(),
      )(f64([3, 1, 2])),
      [3, 1, 2],
    )
    expectValues(core.sort(f64([1, Number.NaN, 3]), -1, { descending: true }), [3, 1, Number.NaN])
  })
})

describe('einsum', () => {
  const [a, b] = [
    f64([
      [1, 2],
      [3, 4],
    ]),
    f64([
      [5, 6],
      [7, 8],
    ]),
  ]
  it.each<[string, Tensor[], unknown]>([
    [
      'ij,jk->ik',
      [a, b],
      [
        [19, 22],
        [43, 50],
      ],
    ],
    [
      'ij,jk',
      [a, b],
      [
        [19, 22],
        [43, 50],
      ],
    ],
    ['ii', [a], 5],
    ['ii->i', [a], [1, 4]],
    [
      'ij->ji',
      [a],
      [
        [1, 3],
        [2, 4],
      ],
    ],
    ['ij->', [a], 10],
    [
      'i,j->ij',
      [f64([1, 2]), f64([3, 4])],
      [
        [3, 4],
        [6, 8],
      ],
    ],
    ['ij,ij,ij->j', [a, b, a], [5 + 63, 24 + 128]],
    ['...j,j->...', [a, f64([1, 10])], [21, 43]],
    [
      'ij,jk,kl->il',
      [a, b, a],
      [
        [85, 126],
        [193, 286],
      ],
    ],
  ])('%s', (equation, tensors, expected) => {
    expectValues(einsum(equation, ...tensors), expected)
    expectValues(jit((...xs: Tensor[]) => einsum(equation, ...xs))(...tensors), expected)
  })

  it('is differentiable', () => {
    expectValues(grad((m: Tensor) => einsum('ij,jk->', m, b))(a), [
      [11, 15],
      [11, 15],
    ])
  })
})

describe('updates of whole rows, against a loop', () => {
  it('along any axis, by one tensor or two', () => {
    const cube = f64(
      Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
    )
    const columns = at(cube, null, i32([2, 0, 2]))
    const added = columns.add(f64([100, 200, 400, 800])).arraySync() as number[][][]
    for (const [i, page] of added.entries())
      for (const [j, row] of page.entries())
        for (const [k, v] of row.entries()) expect(v).toBe(12 * i + 4 * j + k + [1, 0, 2][j] * 100 * 2 ** k)
    expectValues(
      at(cube, i32([1, -2]), i32([0, 1]))
        .set(-1)
        .sum(),
      276 - (12 + 13 + 14 + 15) - (4 + 5 + 6 + 7) - 8,
    )
    expectValues(at(cube, i32([5])).set(-1), cube.arraySync())
    const f = (v: Tensor, u: Tensor) =>
      at(v, null, i32([1, 1]))
        .max(u)
        .square()
        .sum()
    const expected = grad(
      (v: Tensor, u: Tensor) =>
        at(v, null, i32([1, 1]), [0, 4])
          .max(u)
          .square()
          .sum(),
      {
        argnums: [0, 1],
      },
    )(cube, f64([5, 9, 3, 30]))
    for (const g of [grad(f, { argnums: [0, 1] }), jit(grad(f, { argnums: [0, 1] }))]) {
      const [dv, du] = g(cube, f64([5, 9, 3, 30]))
      expectValues(dv, expected[0].arraySync())
      expectValues(du, expected[1].arraySync())
    }
  })
})

describe('take, against a loop', () => {
  it('for every axis and index', () => {
    const cases = fc.record({
      rows: fc.integer({ min: 1, max: 4 }),
      columns: fc.integer({ min: 1, max: 4 }),
      axis: fc.integer({ min: -2, max: 1 }),
      at: fc.array(fc.integer({ min: -3, max: 6 }), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(cases, ({ rows, columns, axis, at }) => {
        const data = tensor(
          Float64Array.from({ length: rows * columns }, (_, i) => i),
          { shape: [rows, columns] },
        )
        const out = core.take(data, tensor(Int32Array.from(at)), axis)
        const along = (axis + 2) % 2
        const length = [rows, columns][along]
        const clip = (i: number) => Math.min(Math.max(i, 0), length - 1)
        const expected =
          along === 0
            ? at.map((i) => Array.from({ length: columns }, (_, j) => clip(i) * columns + j))
            : Array.from({ length: rows }, (_, i) => at.map((j) => i * columns + clip(j)))
        expect(out.arraySync()).toEqual(expected)
      }),
    )
  })
})
