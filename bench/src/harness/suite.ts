// Runs the cases of a suite: sets both programs up, sees that they agree, then times them.
import type { Case, Program, Row, Suite } from './api.js'
import { type Budget, compare } from './measure.js'
import { difference } from './statistics.js'

/** Throws where two programs do not compute the same: their times would mean nothing. */
export async function mustAgree(item: Case, ours: Program, peer: Program, peerName: string): Promise<void> {
  const gap = difference(await ours.result(), await peer.result())
  if (!(gap <= (item.tolerance ?? 1e-4))) {
    throw new Error(`${item.name}: our result and that of ${peerName} differ by ${gap}, relative to the largest entry`)
  }
}

/** The rows of a suite, one for each peer of each case, as they are measured. */
export async function* runSuite(suite: Suite, only: string | undefined, budget: Budget): AsyncGenerator<Row> {
  const chosen = suite.cases.filter((item) => only === undefined || item.name === only)
  if (chosen.length === 0) {
    throw new Error(`${suite.name} has no case "${only}"; it has ${suite.cases.map((item) => item.name).join(', ')}`)
  }
  for (const item of chosen) {
    for (const [peerName, setup] of Object.entries(item.peers)) {
      const ours = await item.ours()
      const peer = await setup()
      await mustAgree(item, ours, peer, peerName)
      const timing = await compare(ours, peer, budget)
      yield {
        suite: suite.name,
        case: item.name,
        ours_ms: timing.ours,
        peer: peerName,
        peer_ms: timing.peer,
        ratio: timing.ours / timing.peer,
        spread: timing.spread,
      }
    }
  }
}
