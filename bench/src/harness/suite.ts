// Runs a suite: sets both programs of a comparison up, sees that they agree, then times them.
import {
  type Case,
  type Figure,
  type FigureRow,
  type Line,
  Missing,
  type Program,
  type Row,
  type Setup,
  type Skip,
  type Suite,
  type Work,
} from './api.js'
import { boundOf } from './limits.js'
import { type Budget, compare, time } from './measure.js'
import { difference } from './statistics.js'

/** What to run, and how long. */
export interface RunOptions {
  readonly budget: Budget
  /** Only the case or figure of this name. */
  readonly only?: string
  /** Only comparisons with this peer, and no figures. */
  readonly peer?: string
  /** Fewer rounds for figures. */
  readonly short?: boolean
}

/** Throws where two programs do not compute the same: their times would mean nothing. */
export async function mustAgree(item: Case, ours: Program, peer: Program, peerName: string): Promise<void> {
  const gap = difference(await ours.result(), await peer.result())
  if (!(gap <= (item.tolerance ?? 1e-4))) {
    throw new Error(`${item.name}: our result and that of ${peerName} differ by ${gap}, relative to the largest entry`)
  }
}

/** The lines of a suite as they are measured: each peer of each case, then the figures; missing peers once. */
export async function* runSuite(suite: Suite, options: RunOptions): AsyncGenerator<Line> {
  const { only, peer, short = false } = options
  const chosen = <T extends { readonly name: string }>(all: readonly T[] = []) =>
    all.filter(({ name }) => only === undefined || name === only)
  const cases = chosen(suite.cases).filter(({ peers }) => peer === undefined || peer in peers)
  const figures = peer === undefined ? chosen(suite.figures) : []
  if (cases.length + figures.length === 0) throw new Error(nothing(suite, options))
  const skipped = new Set<string>()
  for (const item of cases) {
    for await (const line of runCase(suite, item, options)) {
      if ('skipped' in line) {
        if (skipped.has(line.skipped)) continue
        skipped.add(line.skipped)
      }
      yield line
    }
  }
  for (const figure of figures) yield await runFigure(suite.name, figure, short)
}

function nothing(suite: Suite, { only, peer }: RunOptions): string {
  const names = [...suite.cases, ...(suite.figures ?? [])].map(({ name }) => name)
  const peers = new Set(suite.cases.flatMap((item) => Object.keys(item.peers)))
  const asked = [...(only === undefined ? [] : [`case "${only}"`]), ...(peer === undefined ? [] : [`peer "${peer}"`])]
  return `${suite.name} has no ${asked.join(' with ')}; it has ${names.join(', ')}, and the peers ${[...peers].join(', ')}`
}

async function* runCase(suite: Suite, item: Case, { budget, peer: wanted }: RunOptions): AsyncGenerator<Row | Skip> {
  const cold = await time(await item.ours(), 1)
  for (const [name, setup] of Object.entries(item.peers)) {
    if (wanted !== undefined && name !== wanted) continue
    const peer = await prepare(name, setup)
    if ('skipped' in peer) {
      yield peer
      continue
    }
    const peerFirst = await time(peer, 1)
    const ours = await item.ours()
    const oursFirst = await time(ours, 1)
    await mustAgree(item, ours, peer, name)
    const timing = await compare(ours, peer, budget)
    for (const program of [ours, peer]) program.dispose?.()
    yield {
      suite: suite.name,
      case: item.name,
      ours_ms: timing.ours,
      peer: name,
      peer_ms: timing.peer,
      ratio: timing.ours / timing.peer,
      spread: timing.spread,
      compile_ms: Math.max(0, cold - timing.ours),
      compile_warm_ms: Math.max(0, oursFirst - timing.ours),
      peer_compile_ms: Math.max(0, peerFirst - timing.peer),
      ...rate(item.work, timing.ours),
      ...(suite.expected && { expected: suite.expected(item.name, name) }),
    }
  }
}

async function prepare(name: string, setup: Setup): Promise<Program | Skip> {
  try {
    return await setup()
  } catch (error) {
    if (error instanceof Missing) return { skipped: name, reason: error.message }
    throw error
  }
}

function rate(work: Work | undefined, milliseconds: number): Pick<Row, 'gflop_per_s' | 'gb_per_s' | 'bound'> {
  if (work === undefined) return {}
  return 'flop' in work
    ? { gflop_per_s: work.flop / milliseconds / 1e6, bound: boundOf(work) }
    : { gb_per_s: work.bytes / milliseconds / 1e6, bound: boundOf(work) }
}

async function runFigure(suite: string, figure: Figure, short: boolean): Promise<FigureRow> {
  const { name, unit, limit, measure } = figure
  return { suite, figure: name, value: await measure(short), unit, ...(limit === undefined ? {} : { limit }) }
}
