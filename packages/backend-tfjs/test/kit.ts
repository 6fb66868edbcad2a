// What a run of the conformance kit said, for the table of the documentation.

import { type Capabilities, coreCases, type PrimitiveCase, whyLeftOut } from '@adjoint/conformance'
import type { DType } from '@adjoint/core'

/** A record of a run without failures: how many checks passed, and which cases of which primitives a device is not asked. */
export function kitRecord(passed: number, capabilities: Capabilities): string {
  const leftOut: Record<string, Record<string, number>> = {}
  for (const { primitive, cases } of coreCases()) {
    for (const c of cases.filter((one) => isHeld(one, capabilities))) {
      const reason = whyLeftOut(primitive, c, capabilities)
      if (reason === undefined) continue
      leftOut[reason] ??= {}
      leftOut[reason][primitive.name] = (leftOut[reason][primitive.name] ?? 0) + 1
    }
  }
  return `${JSON.stringify({ passed, leftOut }, null, 2)}\n`
}

function isHeld({ inputs, params }: PrimitiveCase, { dtypes = [] }: Capabilities): boolean {
  const made = (params as { readonly dtype?: DType } | undefined)?.dtype
  return [...inputs.map(({ dtype }) => dtype), ...(made === undefined ? [] : [made])].every((d) => dtypes.includes(d))
}
