// Charts as SVG text: Observable Plot drawn into a document of linkedom. Colours are CSS variables of the report's page,
// so that one drawing serves light and dark.

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Figure, Point } from '../chapter.js'

type Curves = Extract<Figure, { kind: 'curves' }>
type Landscape = Extract<Figure, { kind: 'landscape' }>

const CONTOURS = 16
const MOST_POINTS = 600

/** Colour of the n-th series. */
export const seriesColour = (index: number): string => `var(--series-${(index % 3) + 1})`

function draw(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const style = { background: 'none', fontFamily: 'inherit', fontSize: '12px' }
  const common = { width: 480, height: 300, marginLeft: 52, marginBottom: 36, style }
  const svg = Plot.plot({ ...common, ...options, document: document as unknown as Document })
  svg.setAttribute('role', 'img')
  return svg.outerHTML
}

/** Long series keep every k-th point and the last: no eye sees more, and the page stays small. */
function thin(points: readonly Point[]): readonly Point[] {
  const stride = Math.ceil(points.length / MOST_POINTS)
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1)
}

/** Lines over a common axis. */
export function curvesChart({ caption, x, y, logarithmic, series }: Curves): string {
  return draw({
    ariaLabel: caption,
    x: { label: x },
    y: { label: y, grid: true, nice: !logarithmic, ...(logarithmic && { type: 'log', ticks: 5, tickFormat: '~g' }) },
    marks: series.map(({ points }, i) =>
      Plot.line(thin(points), { x: '0', y: '1', stroke: seriesColour(i), strokeWidth: 2, strokeLinejoin: 'round' }),
    ),
  })
}

/** Paths over the contour lines of a surface, whose levels are even in the logarithm of the height. */
export function landscapeChart({ caption, height, domain, minimum, paths }: Landscape): string {
  const level = (x: number, y: number): number => Math.log10(height(x, y) + 1e-3)
  return draw({
    ariaLabel: caption,
    width: 760,
    height: 480,
    x: { domain: [...domain.x], label: 'x' },
    y: { domain: [...domain.y], label: 'y' },
    marks: [
      Plot.contour({
        fill: level,
        x1: domain.x[0],
        x2: domain.x[1],
        y1: domain.y[0],
        y2: domain.y[1],
        thresholds: CONTOURS,
        stroke: 'var(--contour)',
        fillOpacity: 0,
        pixelSize: 4,
        blur: 1,
      }),
      ...paths.map(({ points }, i) =>
        Plot.line(points, { x: '0', y: '1', stroke: seriesColour(i), strokeWidth: 1.8, clip: true }),
      ),
      Plot.dot([paths[0].points[0]], { x: '0', y: '1', r: 4, fill: 'var(--ink)' }),
      Plot.dot([minimum], { x: '0', y: '1', r: 6, stroke: 'var(--ink)', strokeWidth: 2 }),
    ],
  })
}
