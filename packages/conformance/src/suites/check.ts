// A named check, for any test runner; and the settings a check may change while it runs.

import { configure, type Settings } from '@adjoint/core'

/** One property, checked when run; it throws where it does not hold. */
export interface Check {
  readonly name: string
  /** Resolves where the property holds. */
  run(): Promise<void>
}

/** Runs `fn` under other settings and puts the old ones back. */
export async function withSettings<R>(settings: Partial<Settings>, fn: () => R | Promise<R>): Promise<R> {
  const before = configure(settings)
  try {
    return await fn()
  } finally {
    configure(before)
  }
}
