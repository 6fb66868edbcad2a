// einsum against sums written out, element by element.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { einsum } from '../src/einsum.js'
import { grad, jit, ones, reference, setBackend, type Tensor, vmap, zeros } from '../src/index.js'
import * as random from '../src/random/index.js'
import { errorOf, expectValues, f64 } from './support.js'

setBackend(reference)

const uniform = (seed: number, shape: readonly number[]) =>
  random.uniform(random.key(seed), shape, { dtype: 'float64', min: -1 })

/** The sum over all values of all letters; row-major values of the output. */
function explicit(inputs: readonly string[], output: string, tensors: readonly Tensor[]): number[] {
  const sizes = new Map<string, number>()
  inputs.forEach((labels, i) => {
    for (const [axis, label] of [...labels].entries()) sizes.set(label, tensors[i].shape[axis])
  })
  const data = tensors.map((t) => t.dataSync())
  const letters = [...output, ...[...sizes.keys()].filter((label) => !output.includes(label))]
  const length = [...output].reduce((n, label) => n * (sizes.get(label) ?? 0), 1)
  const sums = new Array<number>(length).fill(0)
  const flat = (labels: string, at: ReadonlyMap<string, number>) =>
    [...labels].reduce((n, label) => n * (sizes.get(label) ?? 0) + (at.get(label) ?? 0), 0)
  const visit = (depth: number, at: Map<string, number>): void => {
    if (depth === letters.length) {
      sums[flat(output, at)] += inputs.reduce((product, labels, i) => product * data[i][flat(labels, at)], 1)
      return
    }
    for (let k = 0; k < (sizes.get(letters[depth]) ?? 0); k++) visit(depth + 1, at.set(letters[depth], k))
  }
  visit(0, new Map())
  return sums
}

function check(inputs: readonly string[], output: string, sizes: Readonly<Record<string, number>>): void {
  const tensors = inputs.map((labels, i) =>
    uniform(
      i,
      [...labels].map((label) => sizes[label]),
    ),
  )
  const made = einsum(`${inputs.join(',')}->${output}`, ...tensors)
  expect(made.shape).toEqual([...output].map((label) => sizes[label]))
  expectValues(made.flatten(), explicit(inputs, output, tensors))
}

describe('einsum', () => {
  const sizes = { i: 2, j: 3, k: 4, b: 2, c: 5 }

  it.each([
    ['a product of matrices', ['ij', 'jk'], 'ik'],
    ['of a batch', ['bij', 'bjk'], 'bik'],
    ['of a batch, its axis last', ['ijb', 'bjk'], 'kib'],
    ['an outer product', ['i', 'j'], 'ij'],
    ['an inner product', ['i', 'i'], ''],
    ['elementwise', ['ij', 'ij'], 'ij'],
    ['elementwise, transposed', ['ij', 'ji'], 'ji'],
    ['a transposition', ['ijk'], 'kij'],
    ['sums', ['ijk'], 'j'],
    ['a trace', ['ii'], ''],
    ['a diagonal', ['ii'], 'i'],
    ['a diagonal inside', ['iji'], 'ji'],
    ['a triple diagonal', ['iii'], 'i'],
    ['a diagonal in a product', ['ii', 'ij'], 'ij'],
    ['a bilinear form', ['i', 'ij', 'j'], ''],
    ['a chain', ['ij', 'jk', 'kc'], 'ic'],
    ['a letter in three operands', ['bi', 'bj', 'bk'], 'ijk'],
    ['three elementwise', ['i', 'i', 'i'], 'i'],
    ['axes that one operand sums alone', ['ijc', 'jk'], 'k'],
    ['four operands', ['ij', 'kj', 'kb', 'bc'], 'ci'],
    ['a scalar among them', ['', 'ij'], 'ji'],
    ['nothing shared', ['i', 'j', 'k'], ''],
  ] as const)('%s', (_, inputs, output) => check(inputs, output, sizes))

  it('any equation', () => {
    const term = fc.array(fc.constantFrom('i', 'j', 'k', 'b'), { maxLength: 3 }).map((labels) => labels.join(''))
    const equations = fc
      .array(term, { minLength: 1, maxLength: 4 })
      .chain((inputs) => fc.tuple(fc.constant(inputs), fc.shuffledSubarray([...new Set(inputs.join(''))])))
    fc.assert(
      fc.property(equations, ([inputs, output]) => check(inputs, output.join(''), sizes)),
      { numRuns: 200, seed: 1 },
    )
  })

  it('without an arrow: the letters that occur once, in alphabetical order', () => {
    const [a, b] = [uniform(1, [2, 3]), uniform(2, [3, 4])]
    expectValues(einsum('ij,jk', a, b), a.matmul(b).arraySync())
    expectValues(einsum('ba', a), a.T.arraySync())
    expectValues(
      einsum(
        'ii',
        f64([
          [1, 2],
          [3, 4],
        ]),
      ),
      5,
    )
    expectValues(einsum(' i j , j k -> i k ', a, b), a.matmul(b).arraySync())
  })

  it('an ellipsis stands for leading axes, of any number, aligned from the last', () => {
    const a = uniform(1, [5, 2, 3, 4])
    const b = uniform(2, [2, 4, 6])
    expectValues(einsum('...ij,...jk->...ik', a, b).flatten(), explicit(['pqij', 'qjk'], 'pqik', [a, b]))
    expectValues(einsum('...ij,...jk', a, b), a.matmul(b).arraySync())
    expectValues(einsum('...i->...', a), a.sum(-1).arraySync())
    expectValues(einsum('i...->...i', a), a.transpose([1, 2, 3, 0]).arraySync())
    expectValues(einsum('...', f64(3)), 3)
    expectValues(einsum('...i,i->...', f64([1, 2]), f64([3, 4])), 11)
  })

  it('of axes of length 0 is zero', () => {
    expectValues(einsum('ij,jk->ik', zeros([2, 0]), zeros([0, 3])), [
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(einsum('ij->ji', zeros([2, 0])).shape).toEqual([0, 2])
  })

  it('keeps the dtype, integers too', () => {
    expectValues(einsum('i,i->', f64([2, 3]).cast('int32'), f64([4, 5]).cast('int32')), 23, 'int32')
    expect(einsum('i,i->i', ones([2]), ones([2])).dtype).toBe('float32')
  })

  it('is differentiable, batched and compiled like what it stands for', () => {
    const [x, m, y] = [uniform(1, [3]), uniform(2, [3, 4]), uniform(3, [4])]
    const form = (u: Tensor, a: Tensor, v: Tensor) => einsum('i,ij,j->', u, a, v)
    expectValues(grad(form, { argnums: 1 })(x, m, y), einsum('i,j->ij', x, y).arraySync())
    expectValues(jit(grad(form))(x, m, y), m.matmul(y).arraySync())
    expectValues(vmap(form, { inAxes: [0, null, null] })(m.T, m, y), einsum('ij,ik,k->j', m, m, y).arraySync())
    const square = f64([
      [1, 2],
      [3, 4],
    ])
    expectValues(grad((a: Tensor) => einsum('ii->', a))(square), [
      [1, 0],
      [0, 1],
    ])
    expectValues(grad((a: Tensor) => einsum('ij,ij->', a, a))(square), [
      [2, 4],
      [6, 8],
    ])
    expectValues(grad(grad((s: Tensor) => einsum(',i->', s.mul(s), f64([1, 2]))))(f64(1)), 6)
  })

  it('refuses equations that do not parse or fit', async () => {
    const x = ones([2, 3])
    const mistakes: readonly (readonly [equation: string, tensors: readonly Tensor[]])[] = [
      ['ij', [x, x]],
      ['i', [x]],
      ['ijk', [x]],
      ['ij->ijk', [x]],
      ['ij->ii', [x]],
      ['i1->i', [x]],
      ['ij->>i', [x]],
      ['i..->i', [x]],
      ['......->', [x]],
      ['ijk...->i', [x]],
      ['', [x]],
    ]
    for (const [equation, tensors] of mistakes)
      expect((await errorOf('invalid-argument', () => einsum(equation, ...tensors))).given).toContain(`'${equation}'`)
    expect((await errorOf('shape-mismatch', () => einsum('ij,ij->', x, x.T))).given).toMatch(
      /axis i of lengths 2 and 3/,
    )
    await errorOf('shape-mismatch', () => einsum('ii->', x))
    await errorOf('dtype-mismatch', () => einsum('ij,ij->', x, x.cast('float64')))
  })
})
