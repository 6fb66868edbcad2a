// Makes the CPU backend the default and the host, unless the application has already chosen.

import { cpu } from '@adjoint/backend-cpu'
import { type Backend, setBackend, setHostBackend } from '@adjoint/core'

/** What all copies of the core share, as far as this package looks. */
interface SharedRuntime {
  readonly backend: Backend | null
  readonly host: Backend | null
}

/** @internal */
export function useCpuByDefault(): void {
  const shared = (globalThis as { [slot: symbol]: SharedRuntime | undefined })[Symbol.for('adjoint.core')]
  if (!shared?.backend) setBackend(cpu)
  if (!shared?.host) setHostBackend(cpu)
}
