// Where a compiled Program keeps its storages: one slot per value, views sharing their source's.

import type { Backend } from '../backend/backend.js'
import type { Storage } from '../backend/kernel.js'
import type { Maybe } from '../maybe.js'
import type { Atom, Equation, Program, Variable } from '../program/program.js'
import { literalValues, nestedPrograms } from './hash.js'

const NONE: ReadonlySet<number> = /* @__PURE__ */ new Set()

/** The storages and numbers of one run. */
export class Frame {
  readonly storages: Storage[]
  readonly scalars: readonly number[]
  private readonly slots: Slots
  private readonly donated: ReadonlySet<number>

  constructor(slots: Slots, scalars: readonly number[], donated = NONE) {
    this.storages = new Array<Storage>(slots.count)
    this.slots = slots
    this.scalars = scalars
    this.donated = donated
  }

  /** Whether a slot's storage is the run's to write and to release. */
  owns(slot: number): boolean {
    return !this.slots.isBorrowed(slot) || this.donated.has(slot)
  }

  /** The storage of the first of these slots that is the run's own and still there: its value is needed no more. */
  take(slots: readonly number[]): Storage {
    const slot = slots.find((s) => this.storages[s] !== undefined && this.owns(s)) ?? -1
    const storage = this.storages[slot]
    if (slot >= 0) this.storages[slot] = undefined
    return storage
  }
}

/** A step ready to run, with the slots it reads and writes. */
export interface RunStep {
  run(frame: Frame): Maybe<void>
  readonly reads: readonly number[]
  readonly writes: readonly number[]
  /** Told once which slots nobody reads after the step: it may write its results there. */
  overwrite?(dying: readonly number[]): void
}

/** The layout of a compiled Program. */
export class Slots {
  readonly backend: Backend
  count: number
  private readonly inputs: number
  private readonly constants = new Set<number>()
  private readonly places = new Map<Atom, number>()
  private readonly literals = new Map<Equation, number[]>()
  private readonly outputLiterals: number[] = []
  private readonly nested = new Map<Equation, number>()

  constructor(program: Program, backend: Backend) {
    this.backend = backend
    this.inputs = program.inputs.length
    this.count = this.inputs
    program.inputs.forEach((variable, i) => {
      this.places.set(variable, i)
    })
    let next = 0
    const number = (atoms: readonly Atom[]) => atoms.map((atom) => (atom.kind === 'literal' ? next++ : -1))
    for (const equation of program.equations) this.literals.set(equation, number(equation.inputs))
    this.outputLiterals = number(program.outputs)
    for (const equation of program.equations) {
      this.nested.set(equation, next)
      for (const inner of nestedPrograms(equation.params)) next += literalValues(inner).length
    }
  }

  /** The slot of a value; a new one at its first mention. */
  of(variable: Variable): number {
    const known = this.places.get(variable)
    if (known !== undefined) return known
    this.places.set(variable, this.count)
    return this.count++
  }

  /** A slot for nothing but a step's own result. */
  extra(): number {
    return this.count++
  }

  alias(view: Variable, source: Variable): void {
    this.places.set(view, this.of(source))
  }

  isInput(slot: number): boolean {
    return slot < this.inputs
  }

  /** A slot whose storage the run does not own: an input's or a constant's. */
  isBorrowed(slot: number): boolean {
    return slot < this.inputs || this.constants.has(slot)
  }

  /** Marks a value that is the same tensor in every run. */
  constant(variable: Variable): number {
    const slot = this.of(variable)
    this.constants.add(slot)
    return slot
  }

  /** Where the number of an equation's literal operand stands among the scalars. */
  literal(equation: Equation, operand: number): number {
    return (this.literals.get(equation) as number[])[operand]
  }

  outputLiteral(output: number): number {
    return this.outputLiterals[output]
  }

  /** Where the scalars of the Programs nested in an equation start. */
  nestedStart(equation: Equation): number {
    return this.nested.get(equation) as number
  }

  /** For each step, the slots that nobody reads after it; at the end, the inputs that nobody reads at all. */
  lastUses(steps: readonly RunStep[], kept: readonly number[]): number[][] {
    const last = new Map<number, number>()
    for (let slot = 0; slot < this.inputs; slot++) last.set(slot, steps.length)
    steps.forEach((step, i) => {
      for (const slot of [...step.writes, ...step.reads]) last.set(slot, i)
    })
    const out: number[][] = [...steps, null].map(() => [])
    for (const [slot, i] of last) if (!this.constants.has(slot) && !kept.includes(slot)) out[i].push(slot)
    return out
  }
}
