// A classifier learned on two moons reads the same moons turned: transport carries the labels over. Not in the tour.
// N. Courty, R. Flamary, D. Tuia, A. Rakotomamonjy, Optimal Transport for Domain Adaptation, 2016.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { moons } from '@adjoint/datasets'
import { barycentricMap, classTransport, pointCloud, sinkhorn } from '@adjoint/ot'
import { argMin, eq, type Tensor, take, tensor } from 'adjoint'

/** Shares of the target points whose nearest source point has their label. */
export interface Accuracies {
  /** With the source as it is. */
  readonly before: number
  /** With the source moved by an entropic plan. */
  readonly sinkhorn: number
  /** With the source moved by a plan that keeps its classes apart. */
  readonly classes: number
}

/** Turns the moons by some degrees and reads them before and after transport. */
export async function run({ points = 150, degrees = 40, seed = 0 } = {}): Promise<Accuracies> {
  const source = moons({ n: points, noise: 0.05, seed })
  const turned = moons({ n: points, noise: 0.05, seed: seed + 1 })
  const angle = (degrees * Math.PI) / 180
  const turn = tensor([
    [Math.cos(angle), Math.sin(angle)],
    [-Math.sin(angle), Math.cos(angle)],
  ])
  const target = turned.points.matmul(turn)
  const geometry = pointCloud(source.points, target)
  const options = { epsilon: 0.02 }
  const plain = sinkhorn(geometry, options).plan
  const apart = classTransport(geometry, source.labels, 2, { ...options, strength: 0.2 }).plan
  const accuracy = async (from: Tensor): Promise<number> => {
    const nearest = argMin(pointCloud(target, from).costMatrix(), 1)
    const right = eq(take(source.labels, nearest, 0), turned.labels)
      .cast('float32')
      .mean()
    return (await right.data())[0]
  }
  return {
    before: await accuracy(source.points),
    sinkhorn: await accuracy(barycentricMap(plain, target)),
    classes: await accuracy(barycentricMap(apart, target)),
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  const { before, sinkhorn: plain, classes } = await run()
  console.log(
    `read correctly: ${percent(before)} before, ${percent(plain)} after transport, ${percent(classes)} by classes`,
  )
}
