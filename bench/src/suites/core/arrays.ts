// Functions of one array: element-wise chains, rows, columns, transposition, sorting.
import { jit, logSumExp, scope, softmax, sort, sum, type Tensor, transpose } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { ofArray } from './of-array.js'

const rounds = Array.from({ length: 10 }, (_, i) => i)

/** Twenty operations on a million numbers, compiled where the library can. */
const chain = ofArray({
  name: 'chain-20-1m',
  numpy: ['chain'],
  passes: 2,
  shape: [2 ** 20],
  ours: () => jit((x: Tensor) => rounds.reduce((v) => v.mul(1.01).add(0.1), x)),
  tfjs: (tf, x) => rounds.reduce((v) => tf.add(tf.mul(v, 1.01), 0.1), x),
  jax: ({ jit: compile }) => compile((x) => rounds.reduce((v) => v.mul(1.01).add(0.1), x)),
})

const softmaxRows = ofArray({
  name: 'softmax-1000',
  numpy: ['softmax'],
  passes: 2,
  shape: [1000, 1000],
  ours: () => jit((x: Tensor) => softmax(x, 1)),
  tfjs: (tf, x) => tf.softmax(x),
  jax:
    ({ nn }) =>
    (x) =>
      nn.softmax(x, 1),
})

/** The same of fewer rows, not compiled. */
const softmaxEager = ofArray({
  name: 'softmax-512',
  numpy: ['softmax'],
  passes: 2,
  shape: [512, 512],
  ours: () => (x) => scope(() => softmax(x, 1)),
  tfjs: (tf, x) => tf.softmax(x),
  jax:
    ({ nn }) =>
    (x) =>
      nn.softmax(x, 1),
})

const logSumExpRows = ofArray({
  name: 'logsumexp-1000',
  numpy: ['logsumexp'],
  passes: 1,
  shape: [1000, 1000],
  ours: () => jit((x: Tensor) => logSumExp(x, 1)),
  tfjs: (tf, x) => tf.logSumExp(x, 1),
  jax:
    ({ nn }) =>
    (x) =>
      nn.logsumexp(x, 1),
})

const sumOver = (axis: 0 | 1) =>
  ofArray({
    name: `sum-axis-${axis}`,
    numpy: ['sum_axis', { axis }],
    passes: 1,
    shape: [2000, 2000],
    tolerance: 1e-3,
    ours: () => (x) => sum(x, axis),
    tfjs: (tf, x) => tf.sum(x, axis),
    jax:
      ({ numpy }) =>
      (x) =>
        numpy.sum(x, axis),
  })

const transposition = ofArray({
  name: 'transpose-2000',
  numpy: ['transpose'],
  passes: 2,
  shape: [2000, 2000],
  ours: () => (x) => transpose(x),
  tfjs: (tf, x) => tf.transpose(x),
})

const sorting = ofArray({
  name: 'sort-1m',
  numpy: ['sort'],
  passes: 2,
  shape: [2 ** 20],
  ours: () => (x) => sort(x),
  jax:
    ({ numpy }) =>
    (x) =>
      numpy.sort(x),
})

export const arrays: readonly Case[] = [
  chain,
  softmaxEager,
  softmaxRows,
  logSumExpRows,
  sumOver(0),
  sumOver(1),
  transposition,
  sorting,
]
