// The report: one HTML file without scripts or outside references, written whole or not at all.

import { mkdir, rename, writeFile } from 'node:fs/promises'
import { arch, availableParallelism, platform } from 'node:os'
import { dirname } from 'node:path'
import type { Chapter } from '../chapter.js'
import { figureMarkup } from './figures.js'
import { html, type Markup, raw } from './html.js'
import type { TourOptions } from './options.js'
import type { Outcome } from './perform.js'
import { short } from './progress.js'
import { STYLE } from './style.js'
import { verdict } from './table.js'

/** What the report tells. */
export interface ReportContent {
  readonly outcomes: readonly Outcome[]
  /** Chapters that have not run yet. */
  readonly waiting: readonly Chapter[]
  readonly options: TourOptions
  readonly interrupted: boolean
}

/** Writes the report through a temporary file, so that a reader never meets half a page. */
export async function writeReport(path: string, content: ReportContent): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.${process.pid}.partial`
  await writeFile(partial, reportPage(content))
  await rename(partial, path)
}

/** The whole page. */
export function reportPage({ outcomes, waiting, options, interrupted }: ReportContent): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Adjoint: the tour</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
<h1>Adjoint: the tour</h1>
<p class="lead">Differentiable optimisation for TypeScript, shown on real data. Everything below was computed on this machine a moment ago.</p>
<p class="facts">${facts(options)}</p>
${interrupted || waiting.length > 0 ? notice(interrupted, waiting) : raw('')}
</header>
<main>
${summary(outcomes)}
${outcomes.map(chapterSection)}
</main>
<footer><p>Digits: E. Alpaydin, C. Kaynak, UCI, CC BY 4.0. Photographs: © danielbuechele (temple) and © vultilion (flower), Flickr, CC BY 2.0, colours changed where it says so. All as packaged with scikit-learn.</p></footer>
</body>
</html>
`
  return markup
}

function facts({ seed, quick }: TourOptions): string {
  const machine = `Node ${process.versions.node} on ${platform()} ${arch()}, ${availableParallelism()} cores`
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC · ${machine} · seed ${seed}${quick ? ' · quick' : ''}`
}

function notice(interrupted: boolean, waiting: readonly Chapter[]): Markup {
  const why = interrupted ? 'The tour was interrupted.' : 'The tour is still running.'
  const rest = waiting.length === 0 ? '' : ` Not run: ${waiting.map(({ name }) => name).join(', ')}.`
  return html`<p class="notice" role="status">${why}${rest}</p>`
}

function summary(outcomes: readonly Outcome[]): Markup {
  const rows = outcomes.map(
    (outcome) => html`<tr>
<td><a href="#${outcome.chapter.name}">${outcome.chapter.title}</a></td>
<td>${badge(outcome)}</td>
<td class="number">${outcome.seconds.toFixed(1)} s</td>
</tr>`,
  )
  return html`<section aria-label="Summary"><div class="scroll"><table class="summary">
<thead><tr><th scope="col">Chapter</th><th scope="col">Result</th><th scope="col" class="number">Time</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`
}

function badge(outcome: Outcome): Markup {
  const good = outcome.state === 'done' && outcome.result.ok
  return html`<span class="badge ${good ? 'good' : 'bad'}">${verdict(outcome)}</span>`
}

function chapterSection(outcome: Outcome): Markup {
  const { name, title, text } = outcome.chapter
  return html`<section id="${name}" aria-labelledby="${name}-title">
<h2 id="${name}-title">${title}</h2>
<p>${text}</p>
${outcomeMarkup(outcome)}
</section>`
}

function outcomeMarkup(outcome: Outcome): Markup {
  if (outcome.state === 'interrupted') return html`<p class="notice">Interrupted before it finished.</p>`
  if (outcome.state === 'failed')
    return html`<p class="notice">It failed:</p><pre><code>${outcome.message}</code></pre>`
  const { summary: sentence, metrics, figures } = outcome.result
  const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${short(value)}`)
  return html`<p class="result">${sentence}</p>
<p class="facts">${numbers.join(' · ')}</p>
<div class="figures">${figures.map(figureMarkup)}</div>`
}
