// What the backend declares to the conformance kit.

import type { Capabilities } from '@adjoint/conformance'

export const CAPABILITIES: Capabilities = {
  dtypes: ['float32', 'int32', 'uint32', 'bool'],
  syncRead: false,
  memory: 'counted',
}
