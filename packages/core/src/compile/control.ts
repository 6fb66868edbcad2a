// The steps of control flow: branches and loops run compiled bodies, reading predicates as the backend allows.

import type { Backend } from '../backend/backend.js'
import type { KernelCall, Storage } from '../backend/kernel.js'
import type { ScanParams } from '../control/scan.js'
import type { WhileParams } from '../control/while.js'
import { newArray } from '../dtype.js'
import { inOrder, type Maybe, orElse, ready, sequence, type Task, whenReady } from '../maybe.js'
import type { Primitive } from '../primitive.js'
import { selectPrimitive } from '../primitives/convert.js'
import { dynamicSlicePrimitive } from '../primitives/dynamic.js'
import { concatPrimitive } from '../primitives/movement.js'
import type { Equation } from '../program/program.js'
import { type Aval, sizeOf } from '../shape.js'
import { type Executable, executableOf } from './executable.js'
import { literalValues, namedPrograms } from './hash.js'
import type { RunStep, Slots } from './slots.js'
import { boundKernel, copyStorage, operandStep } from './steps.js'

/** A nested Program with the place of its numbers. */
interface Body {
  readonly executable: Executable
  scalars(all: readonly number[]): readonly number[]
}

/** What runs on the storages of the operands and the numbers of a run. */
type Control = (operands: readonly Storage[], scalars: readonly number[]) => Task<readonly Storage[]>

/** Runs cond, while or scan. */
export function controlStep(equation: Equation, slots: Slots): RunStep {
  const { backend } = slots
  const control = controlOf(equation, bodiesOf(equation, slots), backend)
  return operandStep(equation, slots, (operands, scalars) =>
    sequence(function* () {
      const results = yield* control(operands, scalars)
      return yield* ownStorages(backend, results, operands, equation.outputs)
    }),
  )
}

function bodiesOf(equation: Equation, slots: Slots): Readonly<Record<string, Body>> {
  let start = slots.nestedStart(equation)
  const bodies = namedPrograms(equation.params).map(([name, program]): [string, Body] => {
    const [from, to] = [start, start + literalValues(program).length]
    start = to
    return [name, { executable: executableOf(program, slots.backend), scalars: (all) => all.slice(from, to) }]
  })
  return Object.fromEntries(bodies)
}

function controlOf({ primitive, params }: Equation, bodies: Readonly<Record<string, Body>>, backend: Backend): Control {
  switch (primitive.name) {
    case 'cond':
      return branch(bodies.onTrue, bodies.onFalse, backend)
    case 'recompute':
      return (operands, scalars) => ready(bodies.body.executable.run(operands, bodies.body.scalars(scalars)))
    case 'while':
      return whileControl(bodies.cond, bodies.body, params as WhileParams, backend)
    default:
      return scanControl(bodies.body, params as ScanParams, backend)
  }
}

/** Results that are an operand's own storage, or stand twice, are copied. */
function* ownStorages(
  backend: Backend,
  results: readonly Storage[],
  operands: readonly Storage[],
  types: readonly Aval[],
): Task<Storage[]> {
  const taken = new Set(operands)
  const own: Storage[] = []
  for (const [i, storage] of results.entries()) {
    own.push(taken.has(storage) ? yield* ready(copyStorage(backend, storage, types[i])) : storage)
    taken.add(storage)
  }
  return own
}

function* readFlag(backend: Backend, storage: Storage): Task<boolean> {
  const data = yield* ready(backend.read(storage, 'bool', 1))
  return data[0] !== 0
}

function branch(onTrue: Body, onFalse: Body, backend: Backend): Control {
  return function* ([pred, ...operands], all) {
    const { executable, scalars } = (yield* readFlag(backend, pred)) ? onTrue : onFalse
    return yield* ready(executable.run(operands, scalars(all)))
  }
}

/** Steps at most between two reads of the flag, where reading waits. */
const LONGEST_CHUNK = 16

/** Steps in chunks with one read of the flag each: those of a chunk that come after the end change nothing. */
function whileControl(
  cond: Body,
  body: Body,
  { condConsts, bodyConsts, maxSteps, body: program }: WhileParams,
  backend: Backend,
): Control {
  const choosers = choosersOf(backend, program.outputs)
  const longest = choosers.length < program.outputs.length ? 1 : LONGEST_CHUNK
  const most = maxSteps ?? Infinity
  return function* (operands, scalars) {
    const forCond = operands.slice(0, condConsts)
    const forBody = operands.slice(condConsts, condConsts + bodyConsts)
    const borrowed = new Set(operands)
    const [condScalars, bodyScalars] = [cond.scalars(scalars), body.scalars(scalars)]
    let state: readonly Storage[] = operands.slice(condConsts + bodyConsts)
    const test = (at: readonly Storage[]) => cond.executable.run([...forCond, ...at], condScalars)
    const goesOn = (): Maybe<boolean> =>
      whenReady(test(state), ([flag]) =>
        whenReady(backend.read(flag, 'bool', 1), (data) => {
          release(backend, [flag], state, borrowed)
          return data[0] !== 0
        }),
      )
    const advance = (): Maybe<void> => {
      const old = state
      const next = orElse(
        () => body.executable.run([...forBody, ...old], bodyScalars),
        (error) => {
          release(backend, old, [], borrowed)
          throw error
        },
      )
      return whenReady(next, (made) => {
        release(backend, old, made, borrowed)
        state = made
      })
    }
    function* advanceMasked(): Task<void> {
      const old = state
      const made: Storage[] = []
      state = []
      try {
        made.push(...(yield* ready(test(old))))
        const [flag] = made
        const next = yield* ready(body.executable.run([...forBody, ...old], bodyScalars))
        made.push(...next)
        const chosen = next.map((y, i) => (y === old[i] ? y : choosers[i](flag, y, old[i])))
        state = yield* ready(inOrder(chosen))
      } finally {
        release(backend, [...old, ...made], state, borrowed)
      }
    }
    for (let done = 0, size = 1; done < most; size = Math.min(2 * size, longest)) {
      const more = goesOn()
      if (!(more instanceof Promise ? yield more : more)) break
      const moved = advance()
      if (moved instanceof Promise) yield moved
      for (let i = 1; i < size && done + i < most; i++) yield* advanceMasked()
      done += size
    }
    return state
  }
}

type Chooser = (flag: Storage, onTrue: Storage, onFalse: Storage) => Maybe<Storage>

/** For each part of a loop's state, the choice by a flag that stays on the device; none where reading does not wait. */
function choosersOf(backend: Backend, types: readonly Aval[]): Chooser[] {
  if (backend.sync) return []
  const primitive = selectPrimitive as Primitive
  return types.flatMap(({ shape, dtype }): Chooser[] => {
    const call: KernelCall = {
      inputs: [
        { shape: [], dtype: 'bool' },
        { shape, dtype },
        { shape, dtype },
      ],
      outputs: [{ shape, dtype }],
      params: {},
    }
    const kernel = backend.table.get(primitive.name) ?? backend.find?.(primitive, call)
    if (kernel === undefined) return []
    return [(flag, onTrue, onFalse) => whenReady(kernel([flag, onTrue, onFalse], call), ([chosen]) => chosen)]
  })
}

/** Gives back storages that are neither kept nor somebody else's. */
function release(
  backend: Backend,
  storages: readonly Storage[],
  kept: readonly Storage[],
  borrowed: ReadonlySet<Storage>,
): void {
  if (backend.release === undefined) return
  for (const storage of new Set(storages))
    if (!borrowed.has(storage) && !kept.includes(storage)) backend.release(storage)
}

function scanControl(step: Body, { body, consts, carry, length, reverse }: ScanParams, backend: Backend): Control {
  const yTypes = body.outputs.slice(carry)
  const slicers = body.inputs.slice(consts + carry).map((type) => slicer(backend, type, length))
  const fresh = (y: Storage, k: number) =>
    step.executable.aliases[carry + k] === undefined ? y : copyStorage(backend, y, yTypes[k])
  return function* (operands, scalars) {
    const fixed = operands.slice(0, consts)
    const xs = operands.slice(consts + carry)
    const borrowed = new Set(operands)
    const rows: Storage[][] = []
    const own = step.scalars(scalars)
    let state = operands.slice(consts, consts + carry)
    for (let i = 0; i < length; i++) {
      const at = reverse ? length - 1 - i : i
      const parts = yield* ready(inOrder(slicers.map((slice, k) => slice(xs[k], at))))
      const results = yield* ready(step.executable.run([...fixed, ...state, ...parts], own))
      rows[at] = yield* ready(inOrder(results.slice(carry).map(fresh)))
      const next = results.slice(0, carry)
      release(backend, [...state, ...parts], next, borrowed)
      state = next
    }
    const column = (type: Aval, k: number) =>
      stacked(
        backend,
        rows.map((row) => row[k]),
        type,
      )
    return [...state, ...(yield* ready(inOrder(yTypes.map(column))))]
  }
}

/** Reads one element along axis 0. */
function slicer(
  backend: Backend,
  { shape, dtype }: Aval,
  length: number,
): (storage: Storage, index: number) => Maybe<Storage> {
  if (length === 0) return () => backend.write(newArray(dtype, sizeOf(shape)), dtype)
  const start: Aval = { shape: [shape.length + 1], dtype: 'int32' }
  const slice = boundKernel(backend, dynamicSlicePrimitive, {
    inputs: [{ shape: [length, ...shape], dtype }, start],
    outputs: [{ shape: [1, ...shape], dtype }],
    params: { sizes: [1, ...shape] },
  })
  return (storage, index) => {
    const place = new Int32Array(shape.length + 1)
    place[0] = index
    const at = backend.write(place, 'int32')
    return whenReady(slice([storage, at]), ([part]) => {
      backend.release?.(at)
      return part
    })
  }
}

/** Elements one after the other along a new axis 0. */
function stacked(backend: Backend, parts: readonly Storage[], { shape, dtype }: Aval): Maybe<Storage> {
  if (parts.length === 0) return backend.write(newArray(dtype, 0), dtype)
  const concat = boundKernel(backend, concatPrimitive, {
    inputs: parts.map(() => ({ shape: [1, ...shape], dtype })),
    outputs: [{ shape: [parts.length, ...shape], dtype }],
    params: { axis: 0 },
  })
  return whenReady(concat(parts), ([column]) => {
    for (const part of new Set(parts)) backend.release?.(part)
    return column
  })
}
