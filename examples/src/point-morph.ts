// A cloud of points becomes another, each point on a straight line to its partner: an animated GIF. Not in the tour.
// R. J. McCann, A Convexity Principle for Interacting Gases, 1997: the geodesic of the Wasserstein distance.

import { realpathSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { moons, spiral } from '@adjoint/datasets'
import { assignment, pointCloud } from '@adjoint/ot'
import { type Tensor, take } from 'adjoint'
import { GifWriter } from 'omggif'

const SIZE = 240
/** Paper and ink. */
const PALETTE = [0xffffff, 0x1668b8]

/** The clouds of points on the way, and the animation. */
export interface Morph {
  /** Each `[n, 2]`; the first and the last are the two clouds. */
  readonly clouds: readonly Tensor[]
  /** Mean squared distance between partners. */
  readonly cost: number
  readonly gif: Uint8Array
}

/** Moves moons onto a spiral, forth and back. */
export async function run({ points = 400, frames = 24, seed = 0 } = {}): Promise<Morph> {
  const from = moons({ n: points, noise: 0.05, seed }).points
  const to = centred(spiral({ n: points, noise: 0.02, seed }).points)
  const start = centred(from)
  const { columns, linearCost } = assignment(pointCloud(start, to).costMatrix())
  const partners = take(to, columns, 0)
  const clouds = Array.from({ length: frames }, (_, k) => {
    const share = k / (frames - 1)
    return start.mul(1 - share).add(partners.mul(share))
  })
  const [cost] = await linearCost.data()
  return { clouds, cost: cost / points, gif: await animation(clouds) }
}

/** Of mean zero, and within a circle of radius 1. */
function centred(points: Tensor): Tensor {
  const moved = points.sub(points.mean(0))
  return moved.div(moved.square().sum(1).max().sqrt())
}

/** The clouds as frames, then backwards; both ends rest for a while. */
async function animation(clouds: readonly Tensor[]): Promise<Uint8Array> {
  const images = await Promise.all(clouds.map(image))
  const round = [...images, ...images.slice(1, -1).reverse()]
  const bytes = new Uint8Array(round.length * (SIZE * SIZE + 1024))
  const gif = new GifWriter(bytes, SIZE, SIZE, { palette: PALETTE, loop: 0 })
  for (const [k, index] of round.entries()) {
    const resting = k === 0 || k === images.length - 1
    gif.addFrame(0, 0, SIZE, SIZE, index as unknown as number[], { delay: resting ? 90 : 5 })
  }
  return bytes.slice(0, gif.end())
}

/** A picture of points as small discs. */
async function image(points: Tensor): Promise<Uint8Array> {
  const index = new Uint8Array(SIZE * SIZE)
  const values = await points.data()
  for (let i = 0; i < values.length; i += 2) {
    const column = Math.round(SIZE / 2 + values[i] * 0.45 * SIZE)
    const row = Math.round(SIZE / 2 - values[i + 1] * 0.45 * SIZE)
    for (let y = row - 2; y <= row + 2; y++)
      for (let x = column - 2; x <= column + 2; x++) if ((x - column) ** 2 + (y - row) ** 2 < 5) index[y * SIZE + x] = 1
  }
  return index
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { gif, cost } = await run()
  await mkdir('out', { recursive: true })
  await writeFile('out/morph.gif', gif)
  console.log(`out/morph.gif: ${gif.length} bytes; the mean squared way is ${cost.toFixed(3)}.`)
}
