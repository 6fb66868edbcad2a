// Figures of a chapter as markup: charts, tables, pictures as data URLs. Everything has a text alternative.

import jpeg from 'jpeg-js'
import type { Figure, Picture } from '../chapter.js'
import { curvesChart, landscapeChart, seriesColour } from './charts.js'
import { html, type Markup, raw } from './html.js'

const QUALITY = 88

/** Any figure, with its caption. */
export function figureMarkup(figure: Figure): Markup {
  return html`<figure class="figure-${figure.kind}">${body(figure)}<figcaption>${figure.caption}</figcaption></figure>`
}

function body(figure: Figure): Markup {
  switch (figure.kind) {
    case 'curves':
      return html`${legend(figure.series.map(({ name }) => name))}${raw(curvesChart(figure))}`
    case 'landscape':
      return html`${legend(figure.paths.map(({ name }) => name))}${raw(landscapeChart(figure))}`
    case 'confusion':
      return confusion(figure.counts)
    case 'tiles':
      return tiles(figure)
    case 'pictures':
      return html`<div class="grid">${figure.pictures.map(picture)}</div>`
    case 'code':
      return html`<pre tabindex="0"><code>${tidy(figure.text)}</code></pre>`
  }
}

function legend(names: readonly string[]): Markup {
  const entries = names.map((name, i) => html`<li><i style="background:${seriesColour(i)}"></i>${name}</li>`)
  return html`<ul class="legend">${entries}</ul>`
}

function confusion(counts: readonly (readonly number[])[]): Markup {
  const labels = counts.map((_, i) => html`<th scope="col">${i}</th>`)
  const rows = counts.map((row, truth) => {
    const total = Math.max(
      1,
      row.reduce((a, b) => a + b, 0),
    )
    const cells = row.map((count, guess) => {
      const share = Math.round((100 * count) / total)
      const kind = count === 0 ? 'none' : guess === truth ? 'right' : 'wrong'
      return html`<td class="${kind}" style="--share:${share}%">${count}</td>`
    })
    return html`<tr><th scope="row">${truth}</th>${cells}</tr>`
  })
  return html`<div class="scroll"><table class="matrix"><thead><tr><td>true \\ read</td>${labels}</tr></thead><tbody>${rows}</tbody></table></div>`
}

function tiles({ size, tiles: all }: Extract<Figure, { kind: 'tiles' }>): Markup {
  if (all.length === 0) return html`<p>None.</p>`
  const drawn = all.map(({ label, pixels }) => {
    const squares = Array.from(pixels, (value, i) =>
      value === 0
        ? raw('')
        : html`<rect x="${i % size}" y="${Math.floor(i / size)}" width="1.02" height="1.02" opacity="${value}"/>`,
    )
    return html`<li><svg viewBox="0 0 ${size} ${size}" role="img" aria-label="A ${label}">${squares}</svg>${label}</li>`
  })
  return html`<ul class="tiles">${drawn}</ul>`
}

function picture({ title, alt, width, height, rgb }: Picture): Markup {
  const data = new Uint8Array(4 * width * height).fill(255)
  for (let i = 0; i < width * height; i++) data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i)
  const encoded = Buffer.from(jpeg.encode({ width, height, data }, QUALITY).data).toString('base64')
  return html`<div><img alt="${alt}" width="${width}" height="${height}" src="data:image/jpeg;base64,${encoded}"><p>${title}</p></div>`
}

/** Compiled code is indented by four; the page is narrow. */
const tidy = (code: string): string => code.replace(/^( {4})+/gm, (indent) => ' '.repeat(indent.length / 2))
