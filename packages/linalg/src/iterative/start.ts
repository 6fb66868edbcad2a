// The first vector of Krylov methods for eigenvalues: given, or random.

import { AdjointError, type Key, type Tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describeValue, type LinearOperator } from '../operators/linear-operator.js'

/** Where a Krylov method starts. */
export interface StartOptions {
  /** The first vector `[n]`; not differentiated. @defaultValue normal numbers */
  readonly start?: Tensor
  /** For the default start. @defaultValue random.key(0) */
  readonly key?: Key
}

/** The checked start, or a random one. */
export function startVector(
  fn: string,
  { shape: [, n], dtype }: LinearOperator,
  { start, key = random.key(0) }: StartOptions,
): Tensor {
  if (start === undefined) return random.normal(key, [n], { dtype })
  if (start.dtype === dtype && start.ndim === 1 && start.shape[0] === n) return start
  throw new AdjointError('shape-mismatch', { fn, given: `start ${describeValue(start)}`, expected: `${dtype}[${n}]` })
}
