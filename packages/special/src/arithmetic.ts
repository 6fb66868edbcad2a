// One text for two readers: formulas written over `Arithmetic` are plain numbers in reference rules and host kernels,
// and expressions of the scalar IR, in float32 or float64, where backends generate code.

import type { BinaryOp, CompareOp, DType, Scalar, UnaryOp } from '@adjoint/core'

type FloatDType = 'float32' | 'float64'

/** A value, or how to get it. */
export type Branch<T> = T | number | (() => T | number)

/** The operations that formulas are written in. Conditions are 1 or 0. */
export interface Arithmetic<T> {
  readonly dtype: FloatDType
  neg(a: T | number): T
  abs(a: T | number): T
  floor(a: T | number): T
  round(a: T | number): T
  exp(a: T | number): T
  expm1(a: T | number): T
  log(a: T | number): T
  log1p(a: T | number): T
  sqrt(a: T | number): T
  sin(a: T | number): T
  cos(a: T | number): T
  add(a: T | number, b: T | number): T
  sub(a: T | number, b: T | number): T
  mul(a: T | number, b: T | number): T
  div(a: T | number, b: T | number): T
  pow(a: T | number, b: T | number): T
  max(a: T | number, b: T | number): T
  min(a: T | number, b: T | number): T
  lt(a: T | number, b: T | number): T
  eq(a: T | number, b: T | number): T
  /** One of two values; a branch given as a function is computed only where numbers take it. */
  where(condition: T, onTrue: Branch<T>, onFalse: Branch<T>): T
}

/** A formula of any number of operands. */
export type Formula = <T>(m: Arithmetic<T>, ...operands: T[]) => T

/** Formulas as float64 numbers. */
export const numbers: Arithmetic<number> = {
  dtype: 'float64',
  neg: (a) => -a,
  abs: Math.abs,
  floor: Math.floor,
  round: roundEven,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  lt: (a, b) => Number(a < b),
  eq: (a, b) => Number(a === b),
  where: (condition, a, b) => {
    const branch = condition !== 0 ? a : b
    return typeof branch === 'number' ? branch : branch()
  },
}

function roundEven(a: number): number {
  const r = Math.round(a)
  return r - a === 0.5 && r % 2 !== 0 ? r - 1 : r
}

function valueOf<T>(branch: Branch<T>): T | number {
  return typeof branch === 'function' ? (branch as () => T | number)() : branch
}

/** Formulas as expressions of the scalar IR. */
export function scalars(dtype: FloatDType): Arithmetic<Scalar> {
  const lift = (a: Scalar | number): Scalar => (typeof a === 'number' ? { op: 'const', value: a, dtype } : a)
  const operation =
    (op: UnaryOp | BinaryOp | CompareOp, out: DType = dtype) =>
    (...args: (Scalar | number)[]) =>
      ({ op, args: args.map(lift), dtype: out }) as unknown as Scalar
  return {
    dtype,
    neg: operation('neg'),
    abs: operation('abs'),
    floor: operation('floor'),
    round: operation('round'),
    exp: operation('exp'),
    expm1: operation('expm1'),
    log: operation('log'),
    log1p: operation('log1p'),
    sqrt: operation('sqrt'),
    sin: operation('sin'),
    cos: operation('cos'),
    add: operation('add'),
    sub: operation('sub'),
    mul: operation('mul'),
    div: operation('div'),
    pow: operation('pow'),
    max: operation('max'),
    min: operation('min'),
    lt: operation('lt', 'bool'),
    eq: operation('eq', 'bool'),
    where: (condition, a, b) => ({ op: 'select', args: [condition, lift(valueOf(a)), lift(valueOf(b))], dtype }),
  }
}

/** Coefficients, highest power first, for each precision. */
export interface Coefficients {
  readonly float64: readonly number[]
  readonly float32: readonly number[]
}

/** The polynomial at x, by Horner's rule. */
export function polynomial<T>(m: Arithmetic<T>, coefficients: Coefficients | readonly number[], x: T): T {
  const c = 'float64' in coefficients ? coefficients[m.dtype] : coefficients
  let sum: T | number = c[0]
  for (let i = 1; i < c.length; i++) sum = m.add(m.mul(sum, x), c[i])
  return sum as T
}
