// Simplification: inlining, folding, algebra, common subexpressions and dead code, until nothing changes.

import type { Program } from '../../program/program.js'
import { absorbBroadcasts, mergeMovements, neutralElements } from './algebra.js'
import { removeDeadCode } from './dead-code.js'
import { foldConstants } from './fold.js'
import { type Expand, inlineCalls, withBodies } from './inline.js'
import { rewrite } from './rewrite.js'

const MOST_ROUNDS = 4

/** An equivalent Program with less to do. */
export function simplify(program: Program, expand?: Expand): Program {
  return simplifyInlined(inlineCalls(program, expand))
}

function simplifyInlined(program: Program): Program {
  const inner = program.equations.map((equation) => ({
    ...equation,
    params: withBodies(equation.params, simplifyInlined),
  }))
  let current: Program = { ...program, equations: inner }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = removeDeadCode(rewrite(current, [foldConstants, neutralElements, mergeMovements, absorbBroadcasts]))
    const done = next.equations.length === current.equations.length
    current = next
    if (done) break
  }
  return current
}
