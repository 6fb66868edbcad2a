// The core suite: what everything else is made of, against tfjs on its CPU and wasm backends and jax-js on wasm.
import type { Suite } from '../../harness/api.js'
import { add } from './add.js'
import { matmul } from './matmul.js'
import { scalarGrad } from './scalar-grad.js'
import { softmaxRows } from './softmax.js'
import { sumAll } from './sum.js'
import { trainStep } from './train-step.js'

export const core: Suite = {
  name: 'core',
  cases: [
    add('add-small', 8),
    add('add-1m', 2 ** 20),
    matmul(256),
    matmul(512),
    softmaxRows,
    sumAll,
    trainStep,
    scalarGrad,
  ],
}
