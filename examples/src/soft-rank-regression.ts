// A line fitted to the order of the answers, not to their size: gradients through soft ranks. Not in the tour.
// M. Cuturi, O. Teboul, J.-P. Vert, Differentiable Ranks and Sorting using Optimal Transport, 2019.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { adam, minimize } from '@adjoint/optim'
import { softRank } from '@adjoint/ot'
import { random, type Tensor, tensor } from 'adjoint'

const SLOPES = tensor([1, -2, 0.5, 0])

/** Cosines between the slopes that were planted and those that were found. */
export interface Recovered {
  /** By least squares on the answers as they are. */
  readonly leastSquares: number
  /** By least squares on their ranks. */
  readonly softRank: number
}

/** Answers are exp(4 x·w) with noise: their order tells w, their size is all in a few of them. */
export async function run({ points = 100, steps = 150, seed = 0 } = {}): Promise<Recovered> {
  const [xs, noises] = random.split(random.key(seed), 2)
  const x = random.normal(xs, [points, 4])
  const y = x
    .matmul(SLOPES)
    .add(random.normal(noises, [points]).mul(0.3))
    .mul(4)
    .exp()
  const unit = y.div(y.max())
  const ranks = softRank(y.log(), { epsilon: 0.001 })
  const plain = (w: Tensor): Tensor => x.matmul(w).sub(unit).square().mean()
  const byRank = (w: Tensor): Tensor => softRank(x.matmul(w)).sub(ranks).div(points).square().mean()
  const cosine = async (loss: (w: Tensor) => Tensor): Promise<number> => {
    const { params } = await minimize(loss, tensor([0.1, 0.1, 0.1, 0.1]), { optimizer: adam(0.03), steps })
    const alike = params.mul(SLOPES).sum().div(params.square().sum().mul(SLOPES.square().sum()).sqrt())
    return (await alike.data())[0]
  }
  return { leastSquares: await cosine(plain), softRank: await cosine(byRank) }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { leastSquares, softRank: ranked } = await run()
  console.log(`cosine with the planted slopes: ${leastSquares.toFixed(3)} by size, ${ranked.toFixed(3)} by rank`)
}
