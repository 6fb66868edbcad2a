// A transport problem: costs between the points of two measures, and how much of them must be met.

import type { Tensor } from '@adjoint/core'

/** Two measures to couple; uniform where they are not given. */
export interface Marginals {
  /** `[n]`: weights of the first measure, not negative. @defaultValue 1 / n each */
  readonly a?: Tensor
  /** `[m]`: weights of the second, of the same sum. @defaultValue 1 / m each */
  readonly b?: Tensor
}
