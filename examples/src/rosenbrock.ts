// Three first-order methods walk down a curved valley, in float64; the paths show what momentum and scaling do.
// H. Rosenbrock, An automatic method for finding the greatest or least value of a function, 1960.

import { adam, type ChainState, sgd } from '@adjoint/optim'
import { applyUpdates, jit, type Optimizer, scan, type Tensor, tensor, valueAndGrad } from 'adjoint'
import { breathe, type ChapterContext, type ChapterResult, type Point, type Series } from './chapter.js'
import { runAlone } from './run-alone.js'

export const name = 'rosenbrock'
export const title = 'Three ways down a curved valley'
export const text =
  'Rosenbrock’s function has a long curved valley with its minimum at (1, 1). Gradient descent creeps along the floor, ' +
  'momentum keeps its speed, Adam scales each coordinate. A hundred steps at a time are one compiled scan.'

const START = [-1.2, 1]
const CHUNK = 100

/** (1 - x)² + 100 (y - x²)², at a point `[2]`. */
function rosenbrock(point: Tensor): Tensor {
  const [x, y] = [point.at(0).get(), point.at(1).get()]
  return x.sub(1).square().add(y.sub(x.square()).square().mul(100))
}

const height = (x: number, y: number): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2

interface Position {
  readonly point: Tensor
  readonly state: ChainState
}

async function descend(
  optimizer: Optimizer<ChainState>,
  steps: number,
  onChunk: (value: number) => Promise<void>,
): Promise<{ path: Point[]; values: number[] }> {
  const step = ({ point, state }: Position): readonly [Position, { point: Tensor; value: Tensor }] => {
    const { value, grad } = valueAndGrad(rosenbrock)(point)
    const { updates, state: next } = optimizer.update(grad, state)
    return [
      { point: applyUpdates(point, updates), state: next },
      { point, value },
    ]
  }
  const walk = jit((start: Position) => scan(step, start, null, { length: CHUNK }))
  const start = tensor(START, { dtype: 'float64' })
  let position: Position = { point: start, state: optimizer.init(start) }
  const path: Point[] = []
  const values: number[] = []
  for (let done = 0; done < steps; done += CHUNK) {
    const walked = walk(position)
    position = walked.carry
    const points = await walked.ys.point.data()
    for (let i = 0; i < CHUNK; i++) path.push([points[2 * i], points[2 * i + 1]])
    values.push(...(await walked.ys.value.data()))
    await onChunk(values[values.length - 1])
  }
  return { path, values }
}

/** Runs the three methods from one start. */
export async function run({ quick, signal, progress }: ChapterContext): Promise<ChapterResult> {
  const steps = quick ? 1000 : 3000
  const methods = {
    gradientDescent: { label: 'gradient descent', walk: (tell: Tell) => descend(sgd(1e-3), steps, tell) },
    momentum: { label: 'momentum', walk: (tell: Tell) => descend(sgd(1e-3, { momentum: 0.9 }), steps, tell) },
    adam: { label: 'adam', walk: (tell: Tell) => descend(adam(0.05), steps, tell) },
  }
  progress.begin(3 * steps, 'rosenbrock')
  let done = 0
  const metrics: Record<string, number> = {}
  const paths: Series[] = []
  const curves: Series[] = []
  for (const [method, { label, walk }] of Object.entries(methods)) {
    const { path, values } = await walk(async (value) => {
      done += CHUNK
      progress.advance(done, { [method]: value })
      await breathe(signal)
    })
    metrics[method] = values[values.length - 1]
    paths.push({ name: label, points: path })
    curves.push({ name: label, points: values.map((value, i) => [i + 1, value]) })
  }
  progress.end()
  const goal = quick ? 1e-1 : 1e-6
  return {
    ok: metrics.momentum < goal && metrics.adam < goal && metrics.gradientDescent < height(START[0], START[1]) / 4,
    metrics: { ...metrics, steps },
    summary: `After ${steps} steps gradient descent is at ${show(metrics.gradientDescent)}, momentum at ${show(metrics.momentum)}, Adam at ${show(metrics.adam)}; the minimum is 0.`,
    figures: [
      {
        kind: 'landscape',
        caption: 'Paths on the contour lines; the ring is the minimum',
        height,
        domain: { x: [-1.6, 1.6], y: [-0.6, 1.8] },
        minimum: [1, 1],
        paths,
      },
      { kind: 'curves', caption: 'Value by step', x: 'step', y: 'value', logarithmic: true, series: curves },
    ],
  }
}

type Tell = (value: number) => Promise<void>

const show = (value: number): string => value.toExponential(1)

await runAlone(import.meta.url, { name, title, text, run })
