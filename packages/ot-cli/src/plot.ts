// Two clouds of points and the plan between them as an SVG picture.

import type { Tensor } from 'adjoint'
import type { Flow } from './transport.js'

const SIZE = 640
const MARGIN = 32
/** About as many lines, the heaviest of each point; more would only be ink. */
const LINES = 2000

type Place = readonly [x: number, y: number]

/** Points in the plane: the first two coordinates; of a single one, the two clouds on lines above each other. */
function places(coordinates: Tensor, level: number): Place[] {
  const [n, d] = coordinates.shape
  const values = coordinates.dataSync()
  return Array.from({ length: n }, (_, i) => [values[i * d], d > 1 ? values[i * d + 1] : level])
}

/** Draws `from` in blue, `to` in orange, and lines as dark as they are heavy. */
export function drawPlan(from: Tensor, to: Tensor, flow: Flow, names: readonly [from: string, to: string]): string {
  const clouds = [places(from, 1), places(to, 0)]
  const place = fitted(clouds.flat())
  const heaviest = flow.mass.reduce((high, mass) => Math.max(high, mass), 0)
  const lines = heavy(flow, clouds[0].length).map((k) => {
    const [x1, y1] = place(clouds[0][flow.from[k]])
    const [x2, y2] = place(clouds[1][flow.to[k]])
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke-opacity="${(flow.mass[k] / heaviest).toFixed(3)}"/>`
  })
  const dots = clouds.map((cloud, c) => {
    const circles = cloud.map((point) => {
      const [x, y] = place(point)
      return `<circle cx="${x}" cy="${y}" r="3"/>`
    })
    return `<g fill="${COLOURS[c]}">${circles.join('')}</g>`
  })
  const legend = names.map(
    (name, c) => `<text x="${MARGIN}" y="${20 + 18 * c}" fill="${COLOURS[c]}">${escaped(name)}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}" role="img" font-family="sans-serif" font-size="13">`,
    `<title>Transport plan from ${escaped(names[0])} to ${escaped(names[1])}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<g stroke="#444" stroke-width="0.8">${lines.join('')}</g>`,
    ...dots,
    ...legend,
    '</svg>\n',
  ].join('\n')
}

/** The heaviest entries of each point, heavy ones first. */
function heavy({ from, mass }: Flow, points: number): number[] {
  const most = Math.ceil(LINES / points)
  const drawn = new Int32Array(points)
  return Array.from(mass.keys())
    .sort((i, j) => mass[j] - mass[i])
    .filter((k) => drawn[from[k]]++ < most)
}

const COLOURS = ['#1668b8', '#c2541b']

/** From the plane to the picture, both axes to one scale. */
function fitted(points: readonly Place[]): (point: Place) => Place {
  const extent = (axis: 0 | 1) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const point of points) {
      low = Math.min(low, point[axis])
      high = Math.max(high, point[axis])
    }
    return { middle: (low + high) / 2, length: high - low }
  }
  const [x, y] = [extent(0), extent(1)]
  const scale = (SIZE - 4 * MARGIN) / (Math.max(x.length, y.length) || 1)
  const round = (value: number): number => Math.round(100 * value) / 100
  return ([u, v]) => [round(SIZE / 2 + (u - x.middle) * scale), round(SIZE / 2 - (v - y.middle) * scale)]
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
