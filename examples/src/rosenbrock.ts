// Six methods walk down a curved valley, in float64: three by the gradient alone, three that learn or know the curvature.
// H. Rosenbrock, An automatic method for finding the greatest or least value of a function, 1960.

import { adam, lbfgs, leastSquares, minimize, sgd } from '@adjoint/optim'
import {
  applyUpdates,
  concat,
  jit,
  type Optimizer,
  read,
  scan,
  slice,
  type Tensor,
  tensor,
  valueAndGrad,
} from 'adjoint'
import { breathe, type ChapterContext, type ChapterResult, type Figure, type Point } from './chapter.js'
import { runAlone } from './run-alone.js'

export const name = 'rosenbrock'
export const title = 'Six ways down a curved valley'
export const text =
  'Rosenbrock’s function has a long curved valley with its minimum at (1, 1). Gradient descent creeps along the floor, ' +
  'momentum keeps its speed, Adam scales each coordinate: a hundred steps at a time are one compiled scan. L-BFGS learns ' +
  'the curvature from its steps, Newton-CG asks for products with the Hessian, and Levenberg-Marquardt knows that the ' +
  'function is a sum of squares: tens of steps instead of thousands.'

const START = [-1.2, 1]
const CHUNK = 100
/** Most steps of the methods of second order. */
const FEW = 120
const TOLERANCE = 1e-8

/** 1 - x and 10 (y - x²), whose squares are the function. `[2]` -> `[2]` */
function residuals(point: Tensor): Tensor {
  const [x, y] = [slice(point, [0, 1]), slice(point, [1, 2])]
  return concat([x.sub(1), y.sub(x.square()).mul(10)])
}

/** (1 - x)² + 100 (y - x²)², at a point `[2]`. */
function rosenbrock(point: Tensor): Tensor {
  return residuals(point).square().sum()
}

const height = (x: number, y: number): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2

/** Where a method went, from the start on. */
interface Walk {
  readonly path: Point[]
  readonly values: number[]
}

interface Position<S> {
  readonly point: Tensor
  readonly state: S
}

/** The way of an optimizer, as it goes. */
async function descend<S>(
  optimizer: Optimizer<S>,
  steps: number,
  onChunk: (value: number) => Promise<void>,
): Promise<Walk> {
  const lossAt = (point: unknown) => valueAndGrad(rosenbrock)(point as Tensor)
  const step = ({ point, state }: Position<S>): readonly [Position<S>, { point: Tensor; value: Tensor }] => {
    const { value, grad } = lossAt(point)
    const { updates, state: next } = optimizer.update(grad, state, { params: point, value, valueAndGrad: lossAt })
    return [
      { point: applyUpdates(point, updates), state: next },
      { point, value },
    ]
  }
  const chunk = Math.min(CHUNK, steps)
  const walk = jit((start: Position<S>) => scan(step, start, null, { length: chunk }))
  const start = tensor(START, { dtype: 'float64' })
  let position: Position<S> = { point: start, state: optimizer.init(start) }
  const path: Point[] = []
  const values: number[] = []
  for (let done = 0; done < steps; done += chunk) {
    const walked = walk(position)
    position = walked.carry as Position<S>
    const points = await walked.ys.point.data()
    for (let i = 0; i < chunk; i++) path.push([points[2 * i], points[2 * i + 1]])
    values.push(...(await walked.ys.value.data()))
    await onChunk(values[values.length - 1])
  }
  return { path, values }
}

/** The way of a solver, as the points where it stands after 0, 1, 2, ... steps. */
async function follow(
  next: (steps: number, point: Tensor) => { readonly x: Tensor; readonly value: Tensor; readonly converged: Tensor },
  signal: AbortSignal,
): Promise<Walk> {
  let point = tensor(START, { dtype: 'float64' })
  const path: Point[] = [[START[0], START[1]]]
  const values = [height(START[0], START[1])]
  for (let steps = 1; steps <= FEW; steps++) {
    const { x, value, converged } = next(steps, point)
    point = x
    const [a, b] = await x.data()
    path.push([a, b])
    values.push(height(a, b))
    await breathe(signal)
    if ((await read({ value, converged })).converged === true) break
  }
  return { path, values }
}

/** Newton-CG remembers nothing: one step after the other is the whole way. */
const newtonStep = (_: number, point: Tensor) => oneNewtonStep(point)
const oneNewtonStep = jit((point: Tensor) => {
  const { x, value, converged } = minimize(rosenbrock, point, {
    method: 'newton-cg',
    maxSteps: 1,
    tolerance: TOLERANCE,
  })
  return { x, value, converged }
})

/** Levenberg-Marquardt remembers how far it trusts its model: each time from the start, one step farther. */
const marquardtSteps = (steps: number) =>
  leastSquares(residuals, tensor(START, { dtype: 'float64' }), { maxSteps: steps, tolerance: TOLERANCE })

/** L-BFGS as an optimizer goes on to the last step; its way ends where the value does. */
function untilSmall({ path, values }: Walk): Walk {
  const end = values.findIndex((value) => value < TOLERANCE ** 2) + 1
  return end === 0 ? { path, values } : { path: path.slice(0, end), values: values.slice(0, end) }
}

/** Runs the six methods from one start. */
export async function run({ quick, signal, progress }: ChapterContext): Promise<ChapterResult> {
  const steps = quick ? 1000 : 3000
  const first = {
    gradientDescent: { label: 'gradient descent', walk: (tell: Tell) => descend(sgd(1e-3), steps, tell) },
    momentum: { label: 'momentum', walk: (tell: Tell) => descend(sgd(1e-3, { momentum: 0.9 }), steps, tell) },
    adam: { label: 'adam', walk: (tell: Tell) => descend(adam(0.05), steps, tell) },
  }
  const second = {
    lbfgs: { label: 'L-BFGS', walk: async () => untilSmall(await descend(lbfgs(), FEW, async () => {})) },
    newtonCg: { label: 'Newton-CG', walk: () => follow(newtonStep, signal) },
    levenbergMarquardt: { label: 'Levenberg-Marquardt', walk: () => follow(marquardtSteps, signal) },
  }
  progress.begin(3 * steps + 3 * CHUNK, 'rosenbrock')
  let done = 0
  const metrics: Record<string, number> = {}
  const drawn: (Walk & { readonly label: string })[] = []
  const tell = async (method: string, value: number): Promise<void> => {
    done += CHUNK
    progress.advance(done, { [method]: value })
    await breathe(signal)
  }
  for (const [method, { label, walk }] of Object.entries(first)) {
    const walked = await walk((value) => tell(method, value))
    metrics[method] = walked.values[walked.values.length - 1]
    drawn.push({ label, ...walked })
  }
  const counts: number[] = []
  let worst = 0
  for (const [method, { label, walk }] of Object.entries(second)) {
    const walked = await walk()
    const end = walked.values[walked.values.length - 1]
    await tell(method, end)
    metrics[`${method}Steps`] = walked.values.length - 1
    counts.push(walked.values.length - 1)
    worst = Math.max(worst, end)
    drawn.push({ label, ...walked })
  }
  progress.end()
  const goal = quick ? 1e-1 : 1e-6
  const crept = metrics.gradientDescent < height(START[0], START[1]) / 4
  return {
    ok: crept && metrics.momentum < goal && metrics.adam < goal && worst < 1e-12,
    metrics: { ...metrics, steps },
    summary: `After ${steps} steps gradient descent is at ${show(metrics.gradientDescent)}, momentum at ${show(metrics.momentum)}, Adam at ${show(metrics.adam)}; the minimum is 0. L-BFGS is there, to ${show(worst)}, in ${counts[0]} steps, Newton-CG in ${counts[1]}, Levenberg-Marquardt in ${counts[2]}.`,
    figures: [...picturesOf('By the gradient', drawn.slice(0, 3)), ...picturesOf('By the curvature', drawn.slice(3))],
  }
}

/** The paths on the contour lines, and the values on the way. */
function picturesOf(title: string, drawn: readonly (Walk & { readonly label: string })[]): Figure[] {
  const paths = drawn.map(({ label, path }) => ({ name: label, points: path }))
  // The axis is logarithmic: a value of exactly 0 has no place on it.
  const series = drawn.map(({ label, values }) => ({
    name: label,
    points: values.map((value, i): Point => [i, Math.max(value, 1e-20)]),
  }))
  return [
    {
      kind: 'landscape',
      caption: `${title}: paths on the contour lines; the ring is the minimum`,
      height,
      domain: { x: [-1.6, 1.6], y: [-0.6, 1.8] },
      minimum: [1, 1],
      paths,
    },
    { kind: 'curves', caption: `${title}: value by step`, x: 'step', y: 'value', logarithmic: true, series },
  ]
}

type Tell = (value: number) => Promise<void>

const show = (value: number): string => value.toExponential(1)

await runAlone(import.meta.url, { name, title, text, run })
