// What a loop of the scalar IR would be with its iterations side by side: how each access moves, and whether that is allowed.

import type { BinaryOp, Scalar, Statement } from '@adjoint/core/codegen'
import { scalarKey } from './scalar-key.js'

/** How an int32 expression grows from one iteration to the next; null where that is not constant. */
export type Stride = number | null

/** A variable that iterations add to: `name = name op value`. */
export interface Reduction {
  readonly name: string
  readonly op: BinaryOp
  readonly value: Scalar
}

/** A loop that may run several iterations at once. */
export interface LanePlan {
  readonly strides: ReadonlyMap<string, Stride>
  /** Reductions by the statement that makes them. */
  readonly reductions: ReadonlyMap<Statement, Reduction>
  /** Loads and stores of neighbours, and of elements that are apart. */
  readonly contiguous: number
  readonly apart: number
  /** Operations that cost much more than a load. */
  readonly costly: number
  readonly hasLoops: boolean
}

const COSTLY = new Set('exp expm1 log log1p sin cos tanh logistic pow atan2 rem sqrt div'.split(' '))
const REDUCING = new Set<string>(['add', 'mul', 'max', 'min', 'and', 'or'])

/** Whether two expressions are the same text. */
function sameScalar(a: Scalar, b: Scalar): boolean {
  return a === b || scalarKey(a) === scalarKey(b)
}

/** The plan of `for (name ...) body`; null where iterations depend on each other in ways that lanes cannot follow. */
export function planLanes(name: string, body: readonly Statement[]): LanePlan | null {
  const walker = new Walker(name)
  return walker.block(body, true) && walker.memoryIsIndependent() ? walker : null
}

class Walker implements LanePlan {
  readonly strides = new Map<string, Stride>()
  readonly reductions = new Map<Statement, Reduction>()
  contiguous = 0
  apart = 0
  costly = 0
  hasLoops = false
  /** Variables of the body; what it assigns besides is a reduction or forbidden. */
  private readonly own = new Set<string>()
  private readonly reduced = new Map<string, BinaryOp>()
  /** Outer variables that are read as values: they may not be reduced. */
  private readonly readOutside = new Set<string>()
  private readonly loads = new Map<number, Scalar[]>()
  private readonly stores = new Map<number, Scalar[]>()

  constructor(name: string) {
    this.strides.set(name, 1)
    this.own.add(name)
  }

  block(statements: readonly Statement[], top: boolean): boolean {
    return statements.every((s) => this.statement(s, top))
  }

  private statement(s: Statement, top: boolean): boolean {
    switch (s.kind) {
      case 'declare':
        this.visit(s.value)
        this.own.add(s.name)
        this.strides.set(s.name, s.mutable ? null : this.strideOf(s.value))
        return true
      case 'assign':
        return this.assign(s, top)
      case 'store':
        this.visit(s.index)
        this.visit(s.value)
        this.access(this.stores, s.buffer, s.index)
        return this.strideOf(s.index) !== 0
      case 'loop':
        this.hasLoops = true
        this.visit(s.start)
        this.visit(s.end)
        if (this.strideOf(s.start) !== 0 || this.strideOf(s.end) !== 0) return false
        this.own.add(s.name)
        this.strides.set(s.name, 0)
        return this.block(s.body, false)
      default:
        return false
    }
  }

  private assign(s: Extract<Statement, { kind: 'assign' }>, top: boolean): boolean {
    if (this.own.has(s.name)) {
      this.visit(s.value)
      return true
    }
    const { value } = s
    if (!top || !('args' in value) || !REDUCING.has(value.op) || this.reduced.has(s.name)) return false
    const isTotal = (x: Scalar | undefined) => x?.op === 'variable' && x.name === s.name
    const own = value.args.find((_, i) => isTotal(value.args[1 - i]))
    if (own === undefined) return false
    this.visit(own)
    this.reduced.set(s.name, value.op as BinaryOp)
    this.reductions.set(s, { name: s.name, op: value.op as BinaryOp, value: own })
    return true
  }

  private visit(e: Scalar): void {
    if (e.op === 'variable') {
      if (!this.own.has(e.name)) this.readOutside.add(e.name)
    } else if (e.op === 'load') {
      this.visit(e.index)
      this.access(this.loads, e.buffer, e.index)
    } else if (e.op === 'loadLocal') {
      this.apart = Infinity
    } else if ('args' in e) {
      if (COSTLY.has(e.op)) this.costly++
      e.args.forEach((arg) => void this.visit(arg))
    }
  }

  private access(table: Map<number, Scalar[]>, buffer: number, index: Scalar): void {
    table.set(buffer, [...(table.get(buffer) ?? []), index])
    const stride = this.strideOf(index)
    if (stride === 1) this.contiguous++
    else if (stride !== 0) this.apart++
  }

  strideOf(e: Scalar): Stride {
    return strideOf(e, this.strides)
  }

  /** What is stored is loaded again in the same iteration only; reduced variables are not read. */
  memoryIsIndependent(): boolean {
    for (const name of this.reduced.keys()) if (this.readOutside.has(name)) return false
    for (const [buffer, indices] of this.stores) {
      const all = [...indices, ...(this.loads.get(buffer) ?? [])]
      const moves = this.strideOf(indices[0])
      if (all.length > 1 && (moves === null || moves === 0)) return false
      if (moves === null && indices.length > 0) return false
      if (!all.every((index) => sameScalar(index, indices[0]))) return false
    }
    return this.apart !== Infinity
  }
}

/** The stride of an expression; variables that are not listed stay the same. */
export function strideOf(e: Scalar, strides: ReadonlyMap<string, Stride>): Stride {
  switch (e.op) {
    case 'const':
    case 'parameter':
      return 0
    case 'variable': {
      const stride = strides.get(e.name)
      return stride === undefined ? 0 : stride
    }
    case 'load':
      return strideOf(e.index, strides) === 0 ? 0 : null
    case 'loadLocal':
      return null
    default: {
      const parts = e.args.map((arg) => strideOf(arg, strides))
      if (parts.every((s) => s === 0)) return 0
      if (e.dtype !== 'int32' || parts.includes(null)) return null
      const [a, b] = parts as number[]
      if (e.op === 'add') return a + b
      if (e.op === 'sub') return a - b
      if (e.op !== 'mul') return null
      const [x, y] = e.args
      if (x.op === 'const') return x.value * b
      return y.op === 'const' ? a * y.value : null
    }
  }
}

/** How many rounds of step 1 a loop runs at most: known where its bounds are numbers, or its end is so far from its start. */
export function mostRounds({ start, end }: Extract<Statement, { kind: 'loop' }>): number {
  if (start.op === 'const' && end.op === 'const') return end.value - start.value
  if (end.op !== 'min') return Infinity
  const rounds = end.args.map((x) => {
    if (x.op !== 'add' || !sameScalar(x.args[0], start)) return Infinity
    return x.args[1].op === 'const' ? x.args[1].value : Infinity
  })
  return Math.min(...rounds)
}
