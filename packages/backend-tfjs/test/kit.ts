// What a run of the conformance kit said, for the table of the documentation.

import { type Capabilities, coreCases, whyLeftOut } from '@adjoint/conformance'

/** A record of a run without failures: how many checks passed, and which cases of which primitives a device is not asked. */
export function kitRecord(passed: number, capabilities: Capabilities): string {
  const leftOut: Record<string, Record<string, number>> = {}
  for (const { primitive, cases } of coreCases()) {
    for (const c of cases) {
      const reason = whyLeftOut(primitive, c, capabilities)
      if (reason === undefined) continue
      leftOut[reason] ??= {}
      leftOut[reason][primitive.name] = (leftOut[reason][primitive.name] ?? 0) + 1
    }
  }
  return `${JSON.stringify({ passed, leftOut }, null, 2)}\n`
}
