// How solvers report: counts as their loops give them, and whether they converged.

import { eq } from '@adjoint/core'
import type { SolverReport } from './api.js'
import { STATUS } from './status.js'

/** A report as users see it. */
export function reportOf({ iterations, evaluations, status }: Omit<SolverReport, 'converged'>): SolverReport {
  return { iterations, evaluations, converged: eq(status, STATUS.converged), status }
}
