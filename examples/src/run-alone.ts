// Runs one chapter from the command line when its file is the program: `node dist/digits.js [--seed N] [--quick]`.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Chapter } from './chapter.js'
import { parseOptions } from './tour/options.js'
import { perform } from './tour/perform.js'
import { progressFor } from './tour/progress.js'
import { resultsTable } from './tour/table.js'

/** Runs `chapter` when `url` is the module that Node was started with. */
export async function runAlone(url: string, chapter: Chapter): Promise<void> {
  const main = process.argv[1]
  if (main === undefined || realpathSync(main) !== fileURLToPath(url)) return
  const options = parseOptions(process.argv.slice(2), { program: `${chapter.name}.js`, alone: true })
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  process.once('SIGINT', stop)
  const progress = progressFor(process.stderr, process.stdout)
  const outcome = await perform(chapter, { ...options, signal: controller.signal, progress })
  process.removeListener('SIGINT', stop)
  process.stdout.write(`${resultsTable([outcome])}\n`)
  process.exitCode = controller.signal.aborted ? 130 : outcome.state === 'done' && outcome.result.ok ? 0 : 1
}
