// The core suite: what everything else is made of, against tfjs on its CPU and wasm backends and jax-js on wasm.
import type { Suite } from '../../harness/api.js'
import { limits } from '../../harness/limits.js'
import { expectedRatio } from '../expected-ratio.js'
import { linalg } from '../linalg/index.js'
import { add } from './add.js'
import { arrays } from './arrays.js'
import { hessianProduct } from './hvp.js'
import { inversions } from './inversions.js'
import { batchedMatmul, matmul, matmulDoubles, matvec, matvecDoubles } from './matmul.js'
import { memoryOfTraining } from './memory.js'
import { scalarGrad } from './scalar-grad.js'
import { sumAll } from './sum.js'
import { trainStep } from './train-step.js'
import { vmapped } from './vmap.js'

const factored = [
  'cholesky-256',
  'cholesky-512',
  'qr-256',
  'qr-512',
  'eigh-256',
  'eigh-512',
  'svd-256',
  'svd-512',
  'solve-512',
]
const factorisations = linalg.cases.filter(({ name }) => factored.includes(name))

export const core: Suite = {
  name: 'core',
  cases: [
    add('add-small', 4),
    add('jit-small', 4, 'compiled'),
    add('add-1m', 2 ** 20),
    add('add-1m-dropped', 2 ** 20, 'dropped'),
    ...[128, 256, 512, 1024].map(matmul),
    batchedMatmul,
    matvec,
    ...[128, 256, 512, 1024].map(matmulDoubles),
    matvecDoubles,
    sumAll,
    ...arrays,
    trainStep('train-step', 64, 128, 64),
    trainStep('train-step-784', 784, 256, 128),
    hessianProduct,
    scalarGrad,
    vmapped,
    ...factorisations,
    inversions,
  ],
  figures: [...memoryOfTraining, ...limits],
  expected: expectedRatio,
}
