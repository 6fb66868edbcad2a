// npm run bench -- SUITE: runs a suite against its peers and prints one row for each comparison.
import { Argument, Command } from 'commander'
import type { Row, Suite } from './harness/api.js'
import { jsonLine, table } from './harness/print.js'
import { runSuite } from './harness/suite.js'

const suites: Record<string, () => Promise<Suite>> = {
  backends: async () => (await import('./suites/backends/index.js')).backends,
  core: async () => (await import('./suites/core/index.js')).core,
  linalg: async () => (await import('./suites/linalg/index.js')).linalg,
}

interface Flags {
  readonly json?: boolean
  readonly case?: string
  readonly quick?: boolean
}

const thorough = { warmup: 300, sample: 5, total: 2000 }
const quick = { warmup: 30, sample: 1, total: 100 }

async function main(name: string, flags: Flags): Promise<void> {
  const suite = await suites[name]()
  const rows: Row[] = []
  for await (const row of runSuite(suite, flags.case, flags.quick ? quick : thorough)) {
    rows.push(row)
    if (flags.json) console.log(jsonLine(row))
    else process.stderr.write(`${row.case} against ${row.peer}\n`)
  }
  if (!flags.json) console.log(table(rows))
}

const names = Object.keys(suites)
const program = new Command('npm run bench --')
  .description('Times Adjoint and its peers in turns')
  .addArgument(new Argument('<suite>', 'what to run').choices(names))
  .option('--json', 'one line of JSON for each comparison, nothing else on stdout')
  .option('--case <name>', 'only this case')
  .option('--quick', 'short samples: to see that a suite runs, not how fast')
  .action(main)

try {
  await program.parseAsync()
} catch (error) {
  program.error(error instanceof Error ? error.message : String(error))
}
