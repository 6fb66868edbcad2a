// Derivatives against differences, and both modes against each other, to any order by recursion on the derivatives.

import { jvp, type Shape, type Tensor, tensor, vjp } from '@adjoint/core'
import { indexText, largestError } from './close.js'
import { CheckFailure } from './failure.js'
import { type FlatFunction, flatProblem } from './flat-function.js'
import { direction } from './numbers.js'

/** A direction of differentiation. */
export type Mode = 'forward' | 'reverse'

/** Options of `checkGrads`. */
export interface GradCheckOptions {
  /** Highest derivative. @defaultValue 2 */
  readonly order?: number
  /** Leave one out where a function has no such derivative on purpose. @defaultValue both */
  readonly modes?: readonly Mode[]
  /** Largest `|error| / max(1, |derivative|)`. @defaultValue 1e-6; 1e-2 where the backend has no float64 */
  readonly tolerance?: number
  /** Step of the differences, along a direction with entries of size 0.5 to 1. @defaultValue 1e-3; 1e-2 without float64 */
  readonly step?: number
  /** Name for messages. @defaultValue the function's */
  readonly name?: string
}

/** One comparison that held. */
export interface GradCheck {
  /** `jvp`, `vjp`, and for higher orders what they were taken of: `jvp of vjp`. */
  readonly derivative: string
  readonly error: number
}

/** What `checkGrads` found. */
export interface GradReport {
  readonly maxError: number
  readonly checks: readonly GradCheck[]
}

interface Plan {
  readonly name: string
  readonly modes: readonly Mode[]
  readonly tolerance: number
  readonly step: number
}

/**
 * Checks the derivatives of a function at a point where it is smooth: directional derivatives against differences of
 * fourth order, `<v, jvp(u)> = <vjp(v), u>`, and the same for the derivatives themselves up to `order`. float32 arguments
 * are checked in float64 where their backend has it.
 *
 * @param fn - of pytrees; integer and bool leaves stay fixed
 * @param args - the point, no closer than `step` to a kink
 * @returns the errors; it throws where one exceeds the tolerance
 * @throws CheckFailure naming the derivative, the element and both values
 * @example
 * const { maxError } = await checkGrads((x: Tensor) => x.sin().sum(), [tensor([0.3, 2])])
 */
export async function checkGrads<A extends readonly unknown[]>(
  fn: (...args: A) => unknown,
  args: A,
  options: GradCheckOptions = {},
): Promise<GradReport> {
  const { order = 2, modes = ['forward', 'reverse'], name = fn.name || 'function' } = options
  const problem = flatProblem(fn as unknown as (...args: never[]) => unknown, args)
  const precise = problem.point.every((x) => x.dtype === 'float64')
  const { tolerance = precise ? 1e-6 : 1e-2, step = precise ? 1e-3 : 1e-2 } = options
  if (problem.point.length === 0) {
    throw new CheckFailure({
      subject: name,
      check: 'checkGrads',
      found: 'no float argument to differentiate',
      hint: 'Pass at least one float tensor',
    })
  }
  const checks: GradCheck[] = []
  await checkLevel(problem.fn, problem.point, order, '', { name, modes, tolerance, step }, checks)
  return { maxError: Math.max(0, ...checks.map((c) => c.error)), checks }
}

async function checkLevel(
  fn: FlatFunction,
  point: readonly Tensor[],
  order: number,
  path: string,
  plan: Plan,
  checks: GradCheck[],
): Promise<void> {
  const level = path.length
  const along = point.map((x, i) => like(x, direction(x.size, 101 * level + i + 1)))
  const outputs = fn(point)
  const weights = outputs.map((y, i) => like(y, direction(y.size, 211 * level + i + 7)))
  const expected = await difference(fn, point, along, plan.step)
  if (plan.modes.includes('forward')) checks.push(await checkForward(fn, point, along, expected, path, plan))
  if (plan.modes.includes('reverse')) checks.push(await checkReverse(fn, point, along, weights, expected, path, plan))
  if (order <= 1) return
  if (plan.modes.includes('forward')) {
    await checkLevel(
      (xs) => jvp(fn, [xs], [along]).tangent as readonly Tensor[],
      point,
      order - 1,
      `jvp of ${path}`,
      plan,
      checks,
    )
  }
  if (plan.modes.includes('reverse')) {
    await checkLevel(
      (xs) => vjp(fn, xs).pull(weights as never)[0] as readonly Tensor[],
      point,
      order - 1,
      `vjp of ${path}`,
      plan,
      checks,
    )
  }
}

async function checkForward(
  fn: FlatFunction,
  point: readonly Tensor[],
  along: readonly Tensor[],
  expected: readonly Float64Array[],
  path: string,
  plan: Plan,
): Promise<GradCheck> {
  const pushed = jvp(fn, [point], [along]).tangent as readonly Tensor[]
  const derivative = label('jvp', path)
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    const { error, at } = largestError(await pushed[i].data(), expected[i])
    largest = Math.max(largest, error)
    if (error <= plan.tolerance) continue
    const actual = (await pushed[i].data())[at]
    throw disagrees(
      plan.name,
      derivative,
      actual,
      expected[i][at],
      `output ${i}, element ${indexText(at, pushed[i].shape)}`,
    )
  }
  return { derivative, error: largest }
}

async function checkReverse(
  fn: FlatFunction,
  point: readonly Tensor[],
  along: readonly Tensor[],
  weights: readonly Tensor[],
  expected: readonly Float64Array[],
  path: string,
  plan: Plan,
): Promise<GradCheck> {
  const pulled = vjp(fn, point).pull(weights as never)[0] as readonly Tensor[]
  const derivative = label('vjp', path)
  for (let i = 0; i < point.length; i++) requireType(pulled[i], point[i], derivative, i, plan.name)
  const right = await inner(pulled, along)
  let left = 0
  let scale = 1
  for (let i = 0; i < weights.length; i++) {
    const w = await weights[i].data()
    for (let j = 0; j < w.length; j++) {
      left += w[j] * expected[i][j]
      scale += Math.abs(w[j] * expected[i][j])
    }
  }
  const error = Math.abs(left - right) / scale
  if (!(error <= plan.tolerance))
    throw disagrees(plan.name, derivative, right, left, 'the product of cotangents and tangents')
  return { derivative, error }
}

function requireType(cotangent: Tensor, x: Tensor, derivative: string, i: number, subject: string): void {
  if (cotangent.dtype === x.dtype && sameShape(cotangent.shape, x.shape)) return
  throw new CheckFailure({
    subject,
    check: derivative,
    found: `a cotangent ${cotangent.dtype}[${cotangent.shape.join(', ')}] for input ${i}, which is ${x.dtype}[${x.shape.join(', ')}]`,
    hint: 'Look at the transpose rule: it must undo broadcasting and casts',
  })
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

function label(kind: 'jvp' | 'vjp', path: string): string {
  return path === '' ? kind : `${kind} of ${path.replace(/ of $/, '')}`
}

function disagrees(subject: string, derivative: string, actual: number, expected: number, where: string): CheckFailure {
  const rule = derivative.startsWith('vjp')
    ? 'If jvp holds, look at the transpose rules of the primitives it uses'
    : 'Look at the jvp rule'
  return new CheckFailure({
    subject,
    check: derivative,
    found: `${actual} where differences give ${expected} (${where})`,
    hint: `${rule}; if the point is near a kink, move it or shorten the step`,
  })
}

/** `(8 (f(x+hu) - f(x-hu)) - (f(x+2hu) - f(x-2hu))) / 12h`, in float64 on the host. */
async function difference(
  fn: FlatFunction,
  point: readonly Tensor[],
  along: readonly Tensor[],
  step: number,
): Promise<Float64Array[]> {
  const at = async (k: number) => {
    const moved = await Promise.all(point.map((x, i) => shifted(x, along[i], k * step)))
    return Promise.all(fn(moved).map((y) => y.data()))
  }
  const [back2, back1, next1, next2] = [await at(-2), await at(-1), await at(1), await at(2)]
  return next1.map((_, i) =>
    Float64Array.from(
      next1[i],
      (_, j) => (8 * (next1[i][j] - back1[i][j]) - (next2[i][j] - back2[i][j])) / (12 * step),
    ),
  )
}

async function shifted(x: Tensor, u: Tensor, by: number): Promise<Tensor> {
  const [values, direction] = [await x.data(), await u.data()]
  return like(
    x,
    Float64Array.from(values, (v, i) => v + by * direction[i]),
  )
}

/** A tensor of values in the type and on the backend of another. */
function like(x: Tensor, values: Float64Array): Tensor {
  return tensor(values, { shape: x.shape, dtype: x.dtype, backend: x.backend })
}

async function inner(a: readonly Tensor[], b: readonly Tensor[]): Promise<number> {
  let total = 0
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [await a[i].data(), await b[i].data()]
    for (let j = 0; j < x.length; j++) total += x[j] * y[j]
  }
  return total
}
