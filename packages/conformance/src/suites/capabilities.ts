// What a backend declares about itself: every lack has a name here, and a check that it is what it says.

import type { DType } from '@adjoint/core'

/** The declared abilities of a backend. */
export interface Capabilities {
  /** dtypes the device holds; that it refuses the others is checked. @defaultValue all five */
  readonly dtypes?: readonly DType[]
  /** Whether values can be read at once; where not, that reading so is refused is checked. @defaultValue true */
  readonly syncRead?: boolean
  /** Names of primitives without a kernel, or not for all calls; that strict mode refuses those is checked, and that the host computes them. @defaultValue none */
  readonly hostPrimitives?: readonly string[]
  /** Whether NaN and infinities follow IEEE 754; where not, the cases named `special` are left out. @defaultValue true */
  readonly nonFinite?: boolean
  /** Whether the sine and cosine of angles of many turns are right; where not, those cases are left out. @defaultValue true */
  readonly manyTurns?: boolean
  /** Bits up to which integers are exact; below 31, cases with larger ones are left out. @defaultValue 31 */
  readonly integerBits?: number
  /** Whether `memory()` counts buffers, so that they must balance; `collected` leaves them to the garbage collector. @defaultValue 'collected' */
  readonly memory?: 'counted' | 'collected'
  /** Least tolerance of float comparisons, for devices with approximate functions. @defaultValue 0 */
  readonly tolerance?: number
}

/** Capabilities with nothing left out. */
export type AllCapabilities = Required<Capabilities>

/** All dtypes. */
export const EVERY_DTYPE: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

/** Fills in the defaults. */
export function withDefaults(capabilities: Capabilities): AllCapabilities {
  return {
    dtypes: EVERY_DTYPE,
    syncRead: true,
    hostPrimitives: [],
    nonFinite: true,
    manyTurns: true,
    integerBits: 31,
    memory: 'collected',
    tolerance: 0,
    ...capabilities,
  }
}
