// The steps that compute: fused kernels, single operations through the backend's kernels, and copies.

import type { Backend } from '../backend/backend.js'
import type { Kernel, KernelCall, Storage } from '../backend/kernel.js'
import { findKernel } from '../backend/lookup.js'
import { checkDtypes } from '../bind.js'
import { newArray } from '../dtype.js'
import { locate } from '../error.js'
import { type Maybe, orUndo, whenReady } from '../maybe.js'
import type { Primitive } from '../primitive.js'
import { broadcastPrimitive } from '../primitives/movement.js'
import type { Atom, Equation } from '../program/program.js'
import { type Aval, sizeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { Step } from './fuse.js'
import { lowerGroup } from './lower.js'
import type { Frame, RunStep, Slots } from './slots.js'

/** Runs one kernel made of a whole group. */
export function fusedStep({ group, outputs: wanted }: Extract<Step, { kind: 'fused' }>, slots: Slots): RunStep {
  const { backend } = slots
  const { kernel, inputs, outputs, literals } = lowerGroup(group, wanted)
  checkDtypes(kernel.name, backend, outputs)
  const compiled = (backend.compile as NonNullable<Backend['compile']>)(kernel)
  const allocate = backend.allocate as NonNullable<Backend['allocate']>
  const reads = inputs.map((v) => slots.of(v))
  const writes = outputs.map((v) => slots.of(v))
  const sizes = outputs.map((v) => sizeOf(v.shape))
  const numbers = literals.map(({ equation, operand }) => slots.literal(equation, operand))
  const line = group.equations[group.equations.length - 1].line
  return {
    reads,
    writes,
    run({ storages, scalars }) {
      const targets = outputs.map((v, i) => allocate(v.dtype, sizes[i]))
      try {
        compiled(
          reads.map((slot) => storages[slot]),
          targets,
          numbers.map((n) => scalars[n]),
        )
      } catch (error) {
        if (backend.release !== undefined) for (const target of targets) backend.release(target)
        throw locate(error, kernel.name, line)
      }
      writes.forEach((slot, i) => {
        storages[slot] = targets[i]
      })
    },
  }
}

/** Runs one equation by its kernel. */
export function equationStep(equation: Equation, slots: Slots): RunStep {
  const { backend } = slots
  const { primitive, inputs, outputs, params, line } = equation
  checkDtypes(primitive.name, backend, outputs)
  const call: KernelCall = { inputs, outputs, params }
  const kernel = findKernel(backend, primitive, call)
  const read = operandReader(equation, slots)
  const writes = outputs.map((v) => slots.of(v))
  return {
    reads: read.reads,
    writes,
    run: (frame) => {
      const operands = read.storages(frame)
      const results = orUndo(
        () => attempt(kernel, operands, call, primitive.name, line),
        () => read.release(operands),
      )
      return whenReady(results, (storages) => {
        writes.forEach((slot, i) => {
          frame.storages[slot] = storages[i]
        })
        read.release(operands)
      })
    },
  }
}

function attempt(
  kernel: Kernel,
  operands: readonly Storage[],
  call: KernelCall,
  fn: string,
  line: string | undefined,
): Maybe<readonly Storage[]> {
  const fail = (error: unknown): never => {
    throw locate(error, fn, line)
  }
  try {
    const results = kernel(operands, call)
    return results instanceof Promise ? results.catch(fail) : results
  } catch (error) {
    return fail(error)
  }
}

/** Reads the operands of an equation; literals become storages for the time of the step. */
export function operandReader(equation: Equation, slots: Slots) {
  const { backend } = slots
  const places = equation.inputs.map((atom, k) =>
    atom.kind === 'literal' ? -1 - slots.literal(equation, k) : slots.of(atom),
  )
  return {
    reads: places.filter((p) => p >= 0),
    storages: ({ storages, scalars }: Frame) =>
      places.map((p, k) => (p >= 0 ? storages[p] : scalarStorage(backend, equation.inputs[k], scalars[-1 - p]))),
    release: (operands: readonly Storage[]) => {
      if (backend.release === undefined) return
      for (let k = 0; k < places.length; k++) if (places[k] < 0) backend.release(operands[k])
    },
  }
}

function scalarStorage(backend: Backend, { dtype }: Aval, value: number): Storage {
  const data = newArray(dtype, 1)
  data[0] = value
  return backend.write(data, dtype)
}

/** A fresh storage with the same elements. */
export function copyStorage(backend: Backend, storage: Storage, { shape, dtype }: Aval): Maybe<Storage> {
  const call: KernelCall = { inputs: [{ shape, dtype }], outputs: [{ shape, dtype }], params: { shape } }
  return whenReady(
    findKernel(backend, broadcastPrimitive as unknown as Primitive, call)([storage], call),
    ([copy]) => copy,
  )
}

/** Puts a tensor of the Program itself into its slot. */
export function constantStep({ params, outputs }: Equation, slots: Slots): RunStep {
  const { value } = params as { value: Tensor }
  const slot = slots.constant(outputs[0])
  return {
    reads: [],
    writes: [],
    run: ({ storages }) => {
      value.buffer?.check('constant')
      storages[slot] = value.buffer?.storage
    },
  }
}

/** A number seen under another shape. */
export function literalStep(equation: Equation, slots: Slots): RunStep {
  const slot = slots.of(equation.outputs[0])
  const place = slots.literal(equation, 0)
  return {
    reads: [],
    writes: [slot],
    run: ({ storages, scalars }) => {
      storages[slot] = scalarStorage(slots.backend, equation.inputs[0], scalars[place])
    },
  }
}

/** Copies a value into a storage of its own. */
export function copyStep(atom: Atom, slots: Slots, literal: number): RunStep {
  const target = slots.extra()
  if (atom.kind === 'literal') {
    return {
      reads: [],
      writes: [target],
      run: ({ storages, scalars }) => {
        storages[target] = scalarStorage(slots.backend, atom, scalars[literal])
      },
    }
  }
  const source = slots.of(atom)
  return {
    reads: [source],
    writes: [target],
    run: ({ storages }) =>
      whenReady(copyStorage(slots.backend, storages[source], atom), (copy) => {
        storages[target] = copy
      }),
  }
}
