// Two shapes without common coordinates are laid onto each other by their inner distances alone. Not in the tour.
// F. Mémoli, Gromov-Wasserstein Distances and the Metric Approach to Object Matching, 2011.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { spiral } from '@adjoint/datasets'
import { euclidean, pointCloud, solveGromov } from '@adjoint/ot'
import { argMax, random, type Tensor, take, tensor } from 'adjoint'

/** How well the shapes were matched. */
export interface Alignment {
  /** Share of the points whose partner is the right one. */
  readonly right: number
  /** The Gromov-Wasserstein objective: 0 for the same shape. */
  readonly cost: number
}

/** Turns, mirrors and shuffles a spiral, and finds every point again. */
export async function run({ points = 40, seed = 0 } = {}): Promise<Alignment> {
  const shape = spiral({ n: points, noise: 0.02, seed }).points
  const order = random.permutation(random.key(seed), points)
  const turn = tensor([
    [0.6, 0.8],
    [0.8, -0.6],
  ])
  const other = take(shape.matmul(turn).add(7), order, 0)
  const { plan, cost } = solveGromov(distances(shape), distances(other))
  const partner = await take(order, argMax(plan.toDense(), 1), 0).data()
  const [value] = await cost.data()
  return { right: partner.filter((found, i) => found === i).length / points, cost: value }
}

const distances = (points: Tensor): Tensor => pointCloud(points, points, euclidean).costMatrix()

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { right, cost } = await run()
  console.log(`${(100 * right).toFixed(0)} % of the points found again; the objective is ${cost.toPrecision(2)}.`)
}
