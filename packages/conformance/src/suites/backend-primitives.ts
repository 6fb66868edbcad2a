// A backend's kernels: each primitive of the core in each dtype the backend holds, against the reference, in strict mode.

import { type Backend, isAdjointError, type Primitive, synchronize } from '@adjoint/core'
import type { PrimitiveCase, PrimitiveCases } from '../cases/case.js'
import { checkJit } from '../checks/check-jit.js'
import { CheckFailure } from '../checks/failure.js'
import type { AllCapabilities, Capabilities } from './capabilities.js'
import { type Check, withSettings } from './check.js'
import { held } from './primitive.js'
import { apply, requireParity, subjectOf, tensorsOf } from './run-case.js'

/** A backend under test and what it declares. */
export interface Subject {
  backend(): Promise<Backend>
  readonly capabilities: AllCapabilities
}

const ANGLES = ['sin', 'cos']

/** The checks of one primitive on a backend. */
export function backendPrimitiveChecks({ primitive, cases }: PrimitiveCases, subject: Subject): Check[] {
  const { capabilities } = subject
  const usable = cases
    .filter((c) => whyLeftOut(primitive, c, capabilities) === undefined)
    .map((c) => ({ ...c, tolerance: Math.max(c.tolerance ?? 0, capabilities.tolerance) }))
  const host = capabilities.hostPrimitives.includes(primitive.name)
  return [
    host ? hostCheck(primitive, usable, subject) : ownCheck(primitive, usable, subject),
    {
      name: `${primitive.name} under jit`,
      run: async () => {
        const backend = await subject.backend()
        await withSettings({ strict: !host, warn: quiet }, () => compiled(primitive, usable, backend, capabilities))
      },
    },
  ]
}

/** What a backend without a capability is not asked of a case, or `undefined` where the case is run. */
export function whyLeftOut(
  { name }: Primitive,
  c: PrimitiveCase,
  { nonFinite = true, manyTurns = true, integerBits = 31 }: Capabilities,
): string | undefined {
  if (!nonFinite && c.name.includes('special')) return 'NaN and infinities'
  if (!manyTurns && ANGLES.includes(name) && c.name.includes('far out')) return 'angles of many turns'
  return integerBits < 31 && exceeds(integerBits, c) ? `integers above 2^${integerBits}` : undefined
}

/** Whether a case has integers beyond the range of a device that keeps them in floats. */
function exceeds(bits: number, { inputs, params }: PrimitiveCase): boolean {
  const integer = (dtype: unknown) => dtype === 'int32' || dtype === 'uint32'
  const converted = integer((params as { dtype?: unknown } | undefined)?.dtype)
  return inputs.some(({ dtype, data }) => (converted || integer(dtype)) && data.some((v) => Math.abs(v) > 2 ** bits))
}

/** For settings under which warnings are expected. */
export function quiet(): void {}

function ownCheck(primitive: Primitive, cases: readonly PrimitiveCase[], subject: Subject): Check {
  return {
    name: `${primitive.name} has a kernel, equal to its reference`,
    run: async () => {
      const backend = await subject.backend()
      await withSettings({ strict: true }, () => parity(primitive, cases, backend, subject.capabilities))
    },
  }
}

/** A kernel the backend declares not to have, or not for all calls: those are refused in strict mode, otherwise computed by the host and reported. */
function hostCheck(primitive: Primitive, cases: readonly PrimitiveCase[], subject: Subject): Check {
  return {
    name: `${primitive.name} has no kernel: strict mode refuses it, else the host computes it`,
    run: async () => {
      const backend = await subject.backend()
      const usable = held(cases, backend)
      if (usable.length === 0) return
      await withSettings({ strict: true }, () => requireMissing(primitive, usable, backend))
      const warnings: string[] = []
      await withSettings({ strict: false, warn: (message) => warnings.push(message) }, () =>
        parity(primitive, cases, backend, subject.capabilities),
      )
      if (new Set(warnings).size === warnings.length) return
      throw new CheckFailure({
        subject: primitive.name,
        check: 'one report by name',
        found: `'${warnings.join("', '")}'`,
        hint: 'A fall-back is reported once for each primitive',
      })
    },
  }
}

function requireMissing(primitive: Primitive, cases: readonly PrimitiveCase[], backend: Backend): void {
  if (cases.some((c) => isRefused(primitive, c, backend))) return
  throw new CheckFailure({
    subject: subjectOf(primitive, cases[0], backend),
    check: 'the declared lack of a kernel',
    found: 'a kernel for every case',
    hint: 'Take the primitive off hostPrimitives, so that its kernel is tested',
  })
}

function isRefused(primitive: Primitive, c: PrimitiveCase, backend: Backend): boolean {
  const inputs = tensorsOf(c, backend)
  try {
    for (const y of apply(primitive, c, inputs, backend)) y.dispose()
    return false
  } catch (error) {
    if (isAdjointError(error) && error.code === 'missing-kernel') return true
    throw error
  } finally {
    for (const x of inputs) x.dispose()
  }
}

async function parity(
  primitive: Primitive,
  cases: readonly PrimitiveCase[],
  backend: Backend,
  { memory }: AllCapabilities,
): Promise<void> {
  for (const c of held(cases, backend)) {
    const check = () => requireParity(primitive, c, backend)
    await (memory === 'counted' ? balanced(backend, subjectOf(primitive, c, backend), check) : check())
  }
}

/** What lives on the backend once nothing is queued: jobs hold their inputs. */
async function settled(backend: Backend): Promise<ReturnType<Backend['memory']>> {
  await synchronize(backend)
  return backend.memory()
}

/**
 * Work after which as many buffers and bytes live as before. Fewer may be the garbage collector's doing, which took what
 * earlier work left: then it is done again.
 *
 * @throws CheckFailure
 */
export async function balanced(backend: Backend, subject: string, work: () => Promise<void>, tries = 3): Promise<void> {
  const before = await settled(backend)
  await work()
  const after = await settled(backend)
  if (after.buffers === before.buffers && after.bytes === before.bytes) return
  if (after.buffers < before.buffers && tries > 1) return balanced(backend, subject, work, tries - 1)
  throw new CheckFailure({
    subject,
    check: 'the balance of buffers',
    found: `${after.buffers - before.buffers} buffers (${after.bytes - before.bytes} bytes) more than before`,
    hint: 'Look for a kernel or function that keeps temporaries, or a release that frees nothing',
  })
}

async function compiled(
  primitive: Primitive,
  cases: readonly PrimitiveCase[],
  backend: Backend,
  { memory, tolerance }: AllCapabilities,
): Promise<void> {
  for (const c of held(cases, backend)) {
    const name = subjectOf(primitive, c, backend)
    const check = async () => {
      const inputs = tensorsOf(c, backend)
      await checkJit((...xs) => apply(primitive, c, xs, backend), inputs, {
        name,
        tolerance: Math.max(1e-5, tolerance, c.tolerance ?? 0),
        dispose: true,
      })
      for (const x of inputs) x.dispose()
    }
    await (memory === 'counted' ? balanced(backend, `${name} under jit`, check) : check())
  }
}
