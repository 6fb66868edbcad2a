// Whole programs on a backend: eager, differentiated, batched and compiled, against the same on the reference backend.

import {
  type Backend,
  grad,
  jit,
  jvp,
  onesLike,
  reference,
  stack,
  type Tensor,
  tensor,
  vmap,
  withBackend,
} from '@adjoint/core'
import { dtypesOf } from '../cases/case.js'
import { controlCases, type ProgramCase, programCases } from '../cases/programs.js'
import { read, requireClose } from '../checks/close.js'
import { quiet, type Subject } from './backend-primitives.js'
import { type Check, withSettings } from './check.js'
import { tensorsOf } from './run-case.js'

type Program = (...xs: Tensor[]) => Tensor

/** What is done to each program. */
const FORWARD: readonly (readonly [name: string, (fn: Program) => Program])[] = [
  ['value', (fn) => fn],
  ['tangent', tangent],
  ['batched value', batched],
  ['compiled value', (fn) => jit(fn) as Program],
  ['compiled tangent', (fn) => jit(tangent(fn)) as Program],
  ['compiled batched value', (fn) => jit(batched(fn)) as Program],
]

const REVERSE: typeof FORWARD = [
  ['gradient', (fn) => grad(fn) as Program],
  ['batched gradient', (fn) => batched(grad(fn) as Program)],
  ['compiled gradient', (fn) => jit(grad(fn)) as Program],
  ['compiled batched gradient', (fn) => jit(batched(grad(fn) as Program)) as Program],
  ['gradient of compiled', (fn) => grad(jit(fn) as Program) as Program],
]

function everyForm(forwardOnly: boolean): typeof FORWARD {
  return forwardOnly ? FORWARD : [...FORWARD, ...REVERSE]
}

function tangent(fn: Program): Program {
  return (x, ...rest) => jvp((v: Tensor) => fn(v, ...rest), [x], [onesLike(x)]).tangent
}

/** Two lanes of the first argument. */
function batched(fn: Program): Program {
  return (x, ...rest) => vmap((lane: Tensor) => fn(lane, ...rest))(stack([x, x.mul(0.5)]))
}

/** The checks of whole programs on a backend. */
export function programChecks(subject: Subject): Check[] {
  return [...programCases(), ...controlCases()].map((program) => ({
    name: program.name,
    run: () => runProgram(program, subject),
  }))
}

async function runProgram(
  { name, inputs, fn, forwardOnly = false, uses }: ProgramCase,
  { backend: make, capabilities }: Subject,
): Promise<void> {
  const backend = await make()
  if (!dtypesOf({ name, inputs }).every((dtype) => backend.dtypes.includes(dtype))) return
  const hint = 'Find the first operation whose result differs, or whose gradient does'
  const usable =
    uses === undefined || backend.dtypes.includes(uses)
      ? everyForm(forwardOnly)
      : everyForm(forwardOnly).filter(([form]) => !form.includes('compiled'))
  for (const [form, transform] of usable) {
    const expected = await valueOn(reference, transform(fn), inputs)
    const actual = await withSettings({ warn: quiet }, () => valueOn(backend, transform(fn), inputs))
    requireClose(actual, expected, {
      subject: `${name} on '${backend.name}'`,
      check: `its ${form}`,
      hint,
      tolerance: Math.max(1e-4, capabilities.tolerance),
    })
  }
}

async function valueOn(backend: Backend, fn: Program, inputs: ProgramCase['inputs']) {
  const xs = tensorsOf({ name: '', inputs }, backend)
  return read(withBackend(reference, () => fn(...xs)))
}

/** That values survive the way to another backend and back. */
export function movingCheck({ backend: make }: Subject): Check {
  return {
    name: 'to() moves values and gradients between backends',
    run: async () => {
      const backend = await make()
      const x = tensor([1, 2, 3], { backend: reference })
      const there = (v: Tensor) => v.to(backend).mul(2).to(reference).mul(v).sum()
      const expected = { shape: [3], dtype: 'float32', data: new Float32Array([4, 8, 12]) } as const
      requireClose(await read(grad(there)(x)), expected, {
        subject: backend.name,
        check: 'the gradient through to()',
        hint: 'Look at write and read',
        tolerance: 1e-6,
      })
    },
  }
}
