// How solvers report: facts travel through the solver as floats, and leave it as counts and flags.

import { cast, eq, type Tensor } from '@adjoint/core'
import type { SolverReport } from './api.js'
import { scalar } from './numbers.js'
import { STATUS } from './status.js'

/** A report while it is numbers only. */
export type Facts = {
  readonly iterations: Tensor
  readonly evaluations: Tensor
  readonly status: Tensor
}

/** Room for a report. */
export function blankFacts(like: Tensor): Facts {
  const blank = scalar(like, 0)
  return { iterations: blank, evaluations: blank, status: blank }
}

/** A report as floats. */
export function factsOf({ iterations, evaluations, status }: Facts, { dtype }: Tensor): Facts {
  return { iterations: cast(iterations, dtype), evaluations: cast(evaluations, dtype), status: cast(status, dtype) }
}

/** A report as users see it. */
export function reportOf({ iterations, evaluations, status }: Facts): SolverReport {
  const code = cast(status, 'int32')
  return {
    iterations: cast(iterations, 'int32'),
    evaluations: cast(evaluations, 'int32'),
    converged: eq(code, STATUS.converged),
    status: code,
  }
}
