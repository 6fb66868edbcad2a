// What functions composed of several operations leave behind where buffers are counted: their results, nothing else.

import {
  all,
  allClose,
  any,
  arange,
  argMax,
  argsort,
  at,
  clip,
  cumprod,
  dynamicSlice,
  dynamicUpdate,
  eye,
  isFinite,
  logSoftmax,
  logSumExp,
  matmul,
  mod,
  norm,
  oneHot,
  relu,
  slice,
  softmax,
  sort,
  stack,
  std,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  tan,
  tensor,
  tile,
  topK,
  tree,
  tril,
  variance,
  withBackend,
} from '@adjoint/core'
import { einsum } from '@adjoint/core/einsum'
import * as random from '@adjoint/core/random'
import { balanced, quiet, type Subject } from './backend-primitives.js'
import { type Check, withSettings } from './check.js'

/** What the functions are applied to: `x [2, 3]`, two row numbers, and others made of them. */
interface Given {
  readonly x: Tensor
  readonly rows: Tensor
  readonly index: Tensor
  readonly flags: Tensor
  readonly window: Tensor
  readonly stacked: Tensor
}

type Composite = readonly [name: string, fn: (given: Given) => Tensor | readonly Tensor[]]

const COMPOSITES: readonly Composite[] = [
  ['softmax', ({ x }) => softmax(x)],
  ['logSoftmax', ({ x }) => logSoftmax(x, 0)],
  ['logSumExp', ({ x }) => logSumExp(x, 1)],
  ['variance', ({ x }) => variance(x, 1)],
  ['std', ({ x }) => std(x)],
  ['sum', ({ x, flags }) => [sum(x, 0, { keepDims: true }), sum(flags, 0)]],
  ['norm', ({ x }) => norm(x, 1)],
  ['any and all', ({ x }) => [any(x), all(x, 0), isFinite(x)]],
  ['allClose', ({ x }) => allClose(x, x)],
  ['argMax', ({ x }) => argMax(x)],
  ['clip, relu, mod, tan', ({ x }) => [clip(x, -1, 1), relu(x), mod(x, 2), tan(x)]],
  ['cumprod', ({ x }) => cumprod(x)],
  ['sort', ({ x }) => [sort(x, 0), argsort(x, 0)]],
  ['topK', ({ x }) => Object.values(topK(x, 2))],
  ['take', ({ x, rows, index }) => [take(x, rows, 1), takeAlongAxis(x, index, 1), oneHot(rows, 3)]],
  ['at, by tensor', ({ x, rows }) => [at(x, rows).get(), at(x, rows).add(1), at(x, null, rows).set(2)]],
  ['at, by number and range', ({ x, rows }) => [at(x, 0).set(1), at(x, [0, 1], rows).max(2)]],
  ['windows', ({ x, window }) => [dynamicSlice(x, [1, 0], [1, 2]), dynamicUpdate(x, window, [1, 0])]],
  ['slice, tile, stack', ({ x }) => [slice(x, 1), tile(x, [2, 1]), stack([x, x])]],
  ['matmul', ({ x, stacked }) => matmul(x, stacked)],
  ['einsum', ({ x }) => einsum('ij,kj,kl->il', x, x, x)],
  ['eye, arange, tril', ({ x }) => [eye(3), arange(4), tril(x)]],
  ['uniform', () => [random.uniform(random.key(0), [5], { max: 3 }), random.normal(random.key(1), [4])]],
  ['categorical', ({ x }) => [random.categorical(random.key(2), x), random.gumbel(random.key(3), [3])]],
  ['permutation', ({ x }) => [random.permutation(random.key(4), 5), random.shuffle(random.key(5), x)]],
  ['integers', () => [random.integers(random.key(6), 0, 5, [4]), random.bernoulli(random.key(7), 0.5, [3])]],
  ['norm of a tree', ({ x }) => [tree.norm({ a: x, b: [x] }), tree.dot([x], [x])]],
]

/** The checks of composed functions, for backends that count. */
export function compositeChecks({ backend: make, capabilities }: Subject): Check[] {
  if (capabilities.memory !== 'counted') return []
  return COMPOSITES.map(([name, fn]) => ({
    name: `${name} leaves no intermediates`,
    run: async () => {
      const backend = await make()
      const run = <R>(work: () => R): R => withBackend(backend, work)
      const given = run(operands)
      await balanced(backend, name, async () => {
        const made = await withSettings({ warn: quiet }, async () => run(() => [fn(given)].flat()))
        for (const y of made) y.dispose()
      })
      for (const x of Object.values(given)) x.dispose()
    },
  }))
}

function operands(): Given {
  const x = tensor([
    [0.5, -1, 2],
    [3, 0.25, -0.5],
  ])
  const rows = tensor([1, 0], { dtype: 'int32' })
  return {
    x,
    rows,
    index: tensor([[1], [0]], { dtype: 'int32' }),
    flags: tensor([true, false]),
    window: tensor([[1]]),
    stacked: tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], { shape: [2, 3, 2] }),
  }
}
