// The tour: runs the chapters, prints a table or JSON lines, and keeps out/report.html true after each of them.

import { resolve } from 'node:path'
import { chaptersOf } from './chapters.js'
import { parseOptions } from './options.js'
import { type Outcome, perform } from './perform.js'
import { progressFor } from './progress.js'
import { writeReport } from './report.js'
import { jsonLine, resultsTable } from './table.js'

const INTERRUPTED = 130
const SAME_KEYSTROKE_MS = 500

async function tour(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, { program: 'npm start --', alone: false })
  const chapters = chaptersOf(options.only)
  const interruption = interruptible()
  const words = options.json ? process.stderr : process.stdout
  const progress = progressFor(process.stderr, words)
  const path = resolve('out', 'report.html')
  const outcomes: Outcome[] = []
  for (const chapter of chapters) {
    const outcome = await perform(chapter, { ...options, signal: interruption, progress })
    outcomes.push(outcome)
    if (options.json) process.stdout.write(`${jsonLine(outcome)}\n`)
    const waiting = chapters.slice(outcomes.length)
    await writeReport(path, { outcomes, waiting, options, interrupted: interruption.aborted })
    if (interruption.aborted) break
  }
  if (!options.json) process.stdout.write(`${resultsTable(outcomes)}\nreport: ${path}\n`)
  if (interruption.aborted) return INTERRUPTED
  return outcomes.every((outcome) => outcome.state === 'done' && outcome.result.ok) ? 0 : 1
}

/** Aborts at the first Ctrl-C; a later one ends the process at once. */
function interruptible(): AbortSignal {
  const controller = new AbortController()
  let first = Number.POSITIVE_INFINITY
  process.on('SIGINT', () => {
    const now = performance.now()
    // One Ctrl-C may arrive twice: from the terminal, and forwarded by the program that started this one.
    if (now - first > SAME_KEYSTROKE_MS) process.exit(INTERRUPTED)
    first = Math.min(first, now)
    controller.abort()
  })
  return controller.signal
}

process.exitCode = await tour(process.argv.slice(2))
