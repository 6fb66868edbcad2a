// The training loop's driver: runs compiled chunks of a pure step, and between them reports, saves and listens for an abort.

import { refusePromise } from './backend/current.js'
import { AdjointError } from './error.js'
import { stack } from './functions/movement.js'
import { serialize } from './serialize.js'
import { formatAval, sameShape } from './shape.js'
import type { Tensor } from './tensor.js'
import { leafTensor } from './transforms/flat.js'
import { flatten, type Leaf, type Structure, structureKey, unflatten } from './tree.js'

/** A tree of metrics as plain numbers, and booleans where the tensors are bool. */
export type Plain<M> = M extends Tensor | number
  ? number | boolean
  : M extends readonly unknown[] | object
    ? { -readonly [K in keyof M]: M[K] extends Tensor | number ? number : Plain<M[K]> }
    : M
