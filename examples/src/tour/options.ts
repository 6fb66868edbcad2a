// The command line of the tour, parsed by Commander.

import { Command, InvalidArgumentError, Option } from 'commander'
import type { ChapterName } from '../chapter.js'

/** What the command line says. */
export interface TourOptions {
  readonly seed: number
  readonly quick: boolean
  readonly json: boolean
  /** Chapters to run; all when undefined. */
  readonly only: readonly ChapterName[] | undefined
}

/** The chapters, in the order they run. */
export const CHAPTER_NAMES: readonly ChapterName[] = ['digits', 'colour-transfer', 'rosenbrock', 'plugin']

function parseSeed(text: string): number {
  const seed = Number(text)
  if (!Number.isSafeInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.')
  }
  return seed
}

function parseOnly(text: string): readonly ChapterName[] {
  const asked = text.split(',').map((part) => part.trim())
  const unknown = asked.filter((part) => !CHAPTER_NAMES.some((name) => name === part))
  if (unknown.length > 0) throw new InvalidArgumentError(`Choose from ${CHAPTER_NAMES.join(', ')}.`)
  return CHAPTER_NAMES.filter((name) => asked.includes(name))
}

/**
 * Parses arguments; `--help` and mistakes print and end the process, as Commander does.
 *
 * @param args - without the program
 * @param of - the program's name, and whether it is one chapter alone
 */
export function parseOptions(args: readonly string[], of: { program: string; alone: boolean }): TourOptions {
  const command = new Command(of.program)
    .description(
      of.alone ? 'Runs one chapter of the Adjoint tour.' : 'Runs the Adjoint tour and writes out/report.html.',
    )
    .addOption(new Option('--seed <number>', 'seed of everything random').default(0).argParser(parseSeed))
    .option('--quick', 'fewer steps and smaller pictures', false)
    .allowExcessArguments(false)
  if (!of.alone) {
    command
      .addOption(new Option('--only <chapters>', `comma-separated: ${CHAPTER_NAMES.join(', ')}`).argParser(parseOnly))
      .option('--json', 'print one JSON line per chapter and nothing else', false)
  }
  const { seed, quick, json = false, only } = command.parse(args, { from: 'user' }).opts<TourOptions>()
  return { seed, quick, json, only }
}
