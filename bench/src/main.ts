// npm run bench -- SUITE: runs a suite against its peers and prints one row for each comparison.
import { readFileSync, writeFileSync } from 'node:fs'
import { Argument, Command, Option } from 'commander'
import type { Line, Suite } from './harness/api.js'
import { replaceSection, section } from './harness/document.js'
import { machine, versions } from './harness/machine.js'
import { jsonLine, progress, table } from './harness/print.js'
import { runSuite } from './harness/suite.js'

const suites: Record<string, () => Promise<Suite>> = {
  backends: async () => (await import('./suites/backends/index.js')).backends,
  core: async () => (await import('./suites/core/index.js')).core,
  linalg: async () => (await import('./suites/linalg/index.js')).linalg,
  ot: async () => (await import('./suites/ot/index.js')).transport,
  threads: async () => (await import('./suites/threads/index.js')).threaded,
}

interface Flags {
  readonly json?: boolean
  readonly case?: string
  readonly peer?: string
  readonly quick?: boolean
  readonly write?: boolean
}

const thorough = { warmup: 300, sample: 5, total: 2000 }
const quick = { warmup: 30, sample: 1, total: 100 }
const document = new URL('../README.md', import.meta.url)

async function main(name: string, flags: Flags): Promise<void> {
  const lines: Line[] = []
  const options = { budget: flags.quick ? quick : thorough, only: flags.case, peer: flags.peer, short: flags.quick }
  for await (const line of runSuite(await suites[name](), options)) {
    lines.push(line)
    const measured = !('skipped' in line)
    if (flags.json && measured) console.log(jsonLine(line))
    else process.stderr.write(`${progress(line)}\n`)
  }
  if (!flags.json) console.log(table(lines))
  if (flags.write) {
    const body = section(lines, { machine: machine(), versions: versions(), date: new Date() })
    writeFileSync(document, replaceSection(readFileSync(document, 'utf8'), name, body))
  }
}

const names = Object.keys(suites)
const program = new Command('npm run bench --')
  .description('Times Adjoint and its peers in turns')
  .addArgument(new Argument('<suite>', 'what to run').choices(names))
  .option('--json', 'one line of JSON for each comparison, nothing else on stdout')
  .option('--case <name>', 'only this case')
  .option('--peer <name>', 'only comparisons with this peer')
  .option('--quick', 'short samples: to see that a suite runs, not how fast')
  .addOption(new Option('--write', 'the table into bench/README.md').conflicts(['case', 'peer', 'quick']))
  .action(main)

try {
  await program.parseAsync()
} catch (error) {
  program.error(error instanceof Error ? error.message : String(error))
}
