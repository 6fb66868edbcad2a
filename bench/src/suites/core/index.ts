// The core suite: what everything else is made of, against tfjs on its CPU and wasm backends and jax-js on wasm.
import type { Suite } from '../../harness/api.js'
import { add } from './add.js'
import { arrays } from './arrays.js'
import { batchedMatmul, matmul, matmulDoubles, matvec } from './matmul.js'
import { scalarGrad } from './scalar-grad.js'
import { softmaxRows } from './softmax.js'
import { sumAll } from './sum.js'
import { trainStep } from './train-step.js'
import { vmapped } from './vmap.js'

export const core: Suite = {
  name: 'core',
  cases: [
    add('add-small', 8),
    add('add-1m', 2 ** 20),
    add('add-1m-dropped', 2 ** 20, 'dropped'),
    matmul(128),
    matmul(256),
    matmul(512),
    matmul(1024),
    batchedMatmul,
    matvec,
    matmulDoubles(256),
    matmulDoubles(512),
    softmaxRows,
    sumAll,
    ...arrays,
    trainStep('train-step', 64, 128, 64),
    trainStep('train-step-784', 784, 256, 128),
    scalarGrad,
    vmapped,
  ],
}
