// The steps that compute: fused kernels, single operations through the backend's kernels, and copies.

import type { Backend, Codegen, FusedKernel } from '../backend/backend.js'
import type { KernelCall, Storage } from '../backend/kernel.js'
import { findKernel } from '../backend/lookup.js'
import { checkDtypes } from '../bind.js'
import { scalarArray } from '../dtype.js'
import { locate } from '../error.js'
import { type Maybe, orElse, whenReady } from '../maybe.js'
import type { Primitive } from '../primitive.js'
import { broadcastPrimitive } from '../primitives/movement.js'
import type { Atom, Equation } from '../program/program.js'
import { type Aval, sizeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import type { RunStep, Slots } from './slots.js'

/** Runs one kernel made of several equations. */
export function fusedStep(kernel: FusedKernel, { allocate }: Codegen, slots: Slots): RunStep {
  const { backend } = slots
  const { name, site, inputs, outputs, literals, overwritable } = kernel
  checkDtypes(name, backend, outputs)
  const compiled = kernel.build()
  const reads = inputs.map((v) => slots.of(v))
  const writes = outputs.map((v) => slots.of(v))
  const sizes = outputs.map((v) => sizeOf(v.shape))
  const numbers = literals.map(({ equation, operand }) => slots.literal(equation, operand))
  /** For each output, the slots whose storage it may take where that belongs to the run. */
  let choices: readonly (readonly number[])[] = []
  /** Outputs, those with the fewest choices first. */
  let order: readonly number[] = outputs.map((_, i) => i)
  return {
    reads,
    writes,
    overwrite(dying) {
      const once = (slot: number) => reads.indexOf(slot) === reads.lastIndexOf(slot)
      const free = (slot: number) => dying.includes(slot) && once(slot)
      choices = overwritable.map((inputs) => inputs.map((k) => reads[k]).filter(free))
      order = [...order].sort((i, k) => choices[i].length - choices[k].length)
    },
    run(frame) {
      const { storages, scalars } = frame
      const operands = reads.map((slot) => storages[slot])
      const targets = new Array<Storage>(outputs.length)
      try {
        for (const i of order) targets[i] = frame.take(choices[i]) ?? allocate(outputs[i].dtype, sizes[i])
        compiled(
          operands,
          targets,
          numbers.map((n) => scalars[n]),
        )
      } catch (error) {
        for (const target of targets) if (target !== undefined) backend.release?.(target)
        throw locate(error, name, site)
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
  const { primitive, inputs, outputs, params, site } = equation
  checkDtypes(primitive.name, backend, outputs)
  const run = boundKernel(backend, primitive, { inputs, outputs, params })
  const fail = (error: unknown): never => {
    throw locate(error, primitive.name, site)
  }
  return operandStep(equation, slots, (operands) => orElse(() => run(operands), fail))
}

/** A primitive's kernel for one kind of call. */
export function boundKernel<P extends object>(
  backend: Backend,
  primitive: Primitive<P>,
  call: KernelCall<P>,
): (operands: readonly Storage[]) => Maybe<readonly Storage[]> {
  const kernel = findKernel(backend, primitive as unknown as Primitive, call)
  return (operands) => kernel(operands, call)
}

/** Computes fresh storages for the outputs of an equation. */
export type Work = (operands: readonly Storage[], scalars: readonly number[]) => Maybe<readonly Storage[]>

/** A step that works on the operands of an equation; literals become storages for its time. */
export function operandStep(equation: Equation, slots: Slots, work: Work): RunStep {
  const { backend } = slots
  const { inputs, outputs } = equation
  const places = inputs.map((atom, k) => (atom.kind === 'literal' ? -1 - slots.literal(equation, k) : slots.of(atom)))
  const writes = outputs.map((v) => slots.of(v))
  const release = (operands: readonly Storage[]) => {
    if (backend.release === undefined) return
    for (let k = 0; k < places.length; k++) if (places[k] < 0) backend.release(operands[k])
  }
  return {
    reads: places.filter((p) => p >= 0),
    writes,
    run: ({ storages, scalars }) => {
      const operands = places.map((p, k) => (p >= 0 ? storages[p] : scalarStorage(backend, inputs[k], scalars[-1 - p])))
      const ran = orElse(
        () => work(operands, scalars),
        (error) => {
          release(operands)
          throw error
        },
      )
      return whenReady(ran, (results) => {
        writes.forEach((slot, i) => {
          storages[slot] = results[i]
        })
        release(operands)
      })
    },
  }
}

function scalarStorage(backend: Backend, { dtype }: Aval, value: number): Storage {
  return backend.write(scalarArray(dtype, value), dtype)
}

/** A fresh storage with the same elements. */
export function copyStorage(backend: Backend, storage: Storage, { shape, dtype }: Aval): Maybe<Storage> {
  const types = [{ shape, dtype }]
  const copy = boundKernel(backend, broadcastPrimitive, { inputs: types, outputs: types, params: { shape } })
  return whenReady(copy([storage]), ([made]) => made)
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
