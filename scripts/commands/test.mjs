// npm test: every check of the repository through turbo, then one summary of all of them.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../lib/paths.mjs'
import { latestRun, summarise } from '../lib/summary.mjs'
import { turbo } from '../lib/turbo.mjs'

const tasks = ['typecheck', 'test', 'lint', 'knip', 'layers', 'package', 'smoke', 'size', 'treeshake', 'site']

export async function main() {
  rmSync(join(root, '.turbo', 'runs'), { recursive: true, force: true })
  const code = await turbo([
    ...tasks,
    '--continue=dependencies-successful',
    '--concurrency=2',
    '--summarize',
    '--output-logs=new-only',
    '--log-order=grouped',
  ])
  const { passed, failed, skipped } = summarise(latestRun())
  for (const name of skipped) console.log(`skipped: ${name}`)
  for (const name of failed) console.log(`failed: ${name}`)
  const forbidden = Boolean(process.env.CI) && skipped.length > 0
  if (forbidden) console.log('With CI set, a skipped test fails the run.')
  console.log(`${passed} passed, ${failed.length} failed`)
  return code !== 0 || failed.length > 0 || forbidden ? 1 : 0
}
