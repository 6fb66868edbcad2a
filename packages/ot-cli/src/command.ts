// The command: files in, files out, a summary in words or JSON.

import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { csv } from '@adjoint/io'
import { isAdjointError, tensor } from 'adjoint'
import { CommanderError } from 'commander'
import { type Options, parseOptions } from './options.js'
import { drawPlan } from './plot.js'
import { InputError, readPoints } from './points.js'
import { type Flow, type Summary, solveFiles } from './transport.js'

/** What text is written to, as `process.stdout`. */
export interface Writer {
  /** Takes a piece of text. */
  write(text: string): unknown
}

/** Where the command writes. */
export interface Streams {
  readonly stdout: Writer
  readonly stderr: Writer
}

/**
 * Runs `adjoint-ot`: reads two CSV files of points, solves the transport problem, writes the plan and a picture.
 *
 * @param args - of the command line, without the program
 * @param streams - the summary goes to `stdout`, progress and mistakes to `stderr`
 * @returns the exit code: 0, 1 after a mistake, 2 where the solver did not converge
 * @example
 * const code = await transportCommand(['--help'], { stdout: { write() {} }, stderr: { write() {} } })
 * code   // 0
 */
export async function transportCommand(args: readonly string[], streams: Streams): Promise<number> {
  try {
    return await transport(parseOptions(args, streams), streams)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    if (!(error instanceof InputError || isAdjointError(error))) throw error
    streams.stderr.write(`adjoint-ot: ${error.message}\n`)
    return 1
  }
}

async function transport(options: Options, { stdout, stderr }: Streams): Promise<number> {
  const { from, to, out, plot, json } = options
  const tell = (line: string): void => {
    if (!json) stderr.write(`${line}\n`)
  }
  const a = await readPoints(from, options.weights)
  const b = await readPoints(to, options.weights)
  const { flow, summary } = solveFiles(a, b, options, tell)
  if (out !== undefined) await save(out, await planFile(flow))
  if (plot !== undefined) await save(plot, drawPlan(a.coordinates, b.coordinates, flow, [basename(from), basename(to)]))
  stdout.write(json ? `${JSON.stringify(summary)}\n` : inWords(summary))
  return summary.converged ? 0 : 2
}

async function save(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content).catch((error: Error) => {
    throw new InputError(`${path}: ${error.message}`)
  })
}

const planFile = ({ from, to, mass }: Flow): Promise<Uint8Array> =>
  csv.write({
    from: tensor(from, { dtype: 'int32' }),
    to: tensor(to, { dtype: 'int32' }),
    mass: tensor(mass, { dtype: 'float64' }),
  })

function inWords({ cost, dualGap, marginalError, iterations, method, status }: Summary): string {
  return [
    `cost            ${cost}`,
    `at most above   ${dualGap.toExponential(2)}`,
    `marginals off   ${marginalError.toExponential(2)}`,
    `${method.padEnd(15)} ${status}, ${iterations} iterations`,
    '',
  ].join('\n')
}
