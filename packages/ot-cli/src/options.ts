// The command line, parsed by Commander.

import { Command, InvalidArgumentError, Option } from 'commander'
import type { Streams } from './command.js'

/** How far two points are apart. */
export type CostName = 'squared' | 'euclidean'

/** What the command line says. */
export interface Options {
  readonly from: string
  readonly to: string
  readonly epsilon: number
  readonly exact: boolean
  readonly cost: CostName
  readonly weights?: string
  readonly out?: string
  readonly plot?: string
  readonly json: boolean
}

function positive(text: string): number {
  const value = Number(text)
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}

/**
 * Parses arguments.
 *
 * @throws CommanderError after `--help` and mistakes, which are printed
 */
export function parseOptions(args: readonly string[], { stdout, stderr }: Streams): Options {
  const command = new Command('adjoint-ot')
    .description(
      'Optimal transport between the points of two CSV files: one point a row, one coordinate a column. A first row of ' +
        'names is recognised.',
    )
    .argument('<from.csv>', 'points that are moved')
    .argument('<to.csv>', 'where they go')
    .addOption(
      new Option('--epsilon <number>', 'strength of the entropy, relative to the mean cost')
        .default(0.05)
        .argParser(positive),
    )
    .option('--exact', 'the exact plan, by the network simplex method', false)
    .addOption(new Option('--cost <name>', 'of two points').choices(['squared', 'euclidean']).default('squared'))
    .option('--weights <column>', 'column of both files with the weights of the points; scaled to sum 1')
    .option('--out <file.csv>', 'write the plan: from, to, mass')
    .option('--plot <file.svg>', 'draw points and plan; of more than two coordinates the first two')
    .option('--json', 'print one line of JSON and nothing else', false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
  command.parse([...args], { from: 'user' })
  const [from, to] = command.args
  return { ...command.opts<Omit<Options, 'from' | 'to'>>(), from, to }
}
