// Partitions a Program into steps: fused groups, single equations, control flow; in an order that respects dependencies.

import type { Atom, Equation, Program, Variable } from '../program/program.js'
import { extendGroup, type Group, groupInputs, mergeGroups, roleOf, startGroup, withinLimits } from './group.js'
import { scheduleOf } from './stages.js'
import type { FusionLimits } from './tier.js'

/** A group with those of its values that are wanted outside. */
export interface Fused {
  readonly kind: 'fused'
  readonly group: Group
  readonly outputs: readonly Variable[]
}

/** One step of a compiled Program. */
export type Step = Fused | { readonly kind: 'equation'; readonly equation: Equation }

interface Node {
  group: Group | null
  readonly equation: Equation
  /** Nodes that must run before. */
  readonly needs: Set<Node>
  /** Set when the node was merged into another. */
  into: Node | null
}

/** Steps of a Program, in order. */
export function planSteps(program: Program, limits: FusionLimits): Step[] {
  const makers = new Map<Atom, Node>()
  const nodes: Node[] = []
  const maker = (atom: Atom) => {
    const node = makers.get(atom)
    return node === undefined ? undefined : latest(node)
  }
  for (const equation of program.equations) {
    const producers = new Set(equation.inputs.map(maker).filter((n) => n !== undefined))
    const home = joinProducers(equation, producers, limits)
    const node = home ?? {
      group: roleOf(equation) !== 'other' ? startGroup(equation) : null,
      equation,
      needs: producers,
      into: null,
    }
    if (home === null) nodes.push(node)
    else for (const other of producers) if (other !== node) node.needs.add(other)
    for (const out of equation.outputs) makers.set(out, node)
  }
  const inTurn = ordered(
    nodes.filter((n) => n.into === null),
    ({ needs }) => [...needs].map(latest),
  )
  return inTurn.flatMap((node) => apart(stepOf(node, program, nodes), limits))
}

/** A group that reads and writes more buffers than one kernel may is planned again in two halves. */
function apart(step: Step, limits: FusionLimits): Step[] {
  if (step.kind === 'equation') return [step]
  const { equations } = step.group
  const { spilled } = scheduleOf(step.group, step.outputs)
  if (groupInputs(step.group).length + step.outputs.length + spilled.length <= limits.buffers) return [step]
  if (equations.length === 1) return [{ kind: 'equation', equation: equations[0] }]
  const middle = equations.length >> 1
  const [first, second] = [equations.slice(0, middle), equations.slice(middle)]
  const wanted = new Set<Atom>([...step.outputs, ...second.flatMap((e) => e.inputs)])
  return [first, second].flatMap((half) => {
    const outputs = half.flatMap((e) => e.outputs).filter((v) => wanted.has(v))
    return planSteps({ inputs: [], equations: half, outputs }, limits)
  })
}

function latest(node: Node): Node {
  let current = node
  while (current.into !== null) current = current.into
  return current
}

/** The producer's node, grown by the equation, where that is possible. */
function joinProducers(equation: Equation, producers: ReadonlySet<Node>, limits: FusionLimits): Node | null {
  const role = roleOf(equation)
  if (role === 'other' || role === 'iota') return null
  for (const candidate of producers) {
    if (candidate.group === null) continue
    let group: Group = candidate.group
    const merged: Node[] = []
    for (const other of producers) {
      if (other === candidate || other.group === null || reaches(other, candidate) || reaches(candidate, other))
        continue
      const both = mergeGroups(group, other.group)
      if (both === null) continue
      group = both
      merged.push(other)
    }
    const outside = [...producers].filter((p) => p !== candidate && !merged.includes(p))
    if (outside.some((p) => reaches(p, candidate) || merged.some((m) => reaches(p, m)))) continue
    const grown = extendGroup(group, equation)
    if (grown === null || !withinLimits(grown, limits)) continue
    candidate.group = grown
    for (const other of merged) {
      other.into = candidate
      for (const need of other.needs) candidate.needs.add(need)
    }
    return candidate
  }
  return null
}

/** Whether `node` must run after `target`. */
function reaches(node: Node, target: Node): boolean {
  const seen = new Set<Node>()
  const stack = [node]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const need of next.needs) {
      const real = latest(need)
      if (real === target) return true
      if (!seen.has(real)) {
        seen.add(real)
        stack.push(real)
      }
    }
  }
  return false
}

/** Items in an order in which each comes after those it needs. */
function ordered<T>(items: readonly T[], needs: (item: T) => Iterable<T>): T[] {
  const done = new Set<T>()
  const out: T[] = []
  const visit = (item: T): void => {
    if (done.has(item)) return
    done.add(item)
    for (const need of needs(item)) visit(need)
    out.push(item)
  }
  items.forEach(visit)
  return out
}

function stepOf(node: Node, program: Program, nodes: readonly Node[]): Step {
  if (node.group === null) return { kind: 'equation', equation: node.equation }
  if (
    node.group.equations.length === 1 &&
    roleOf(node.equation) === 'movement' &&
    node.equation.primitive.view === true
  )
    return { kind: 'equation', equation: node.equation }
  const needed = new Set<Atom>(program.outputs)
  for (const other of nodes) {
    if (other === node || other.into !== null) continue
    const inputs = other.group === null ? other.equation.inputs : groupInputs(other.group)
    for (const atom of inputs) needed.add(atom)
  }
  const outputs = node.group.equations.flatMap((e) => e.outputs).filter((v) => needed.has(v))
  return { kind: 'fused', group: inOrder(node.group), outputs }
}

/** Equations of merged groups, each after those it reads. */
function inOrder(group: Group): Group {
  const makers = new Map<Atom, Equation>(group.equations.flatMap((e) => e.outputs.map((out) => [out, e] as const)))
  const needs = ({ inputs }: Equation) => inputs.flatMap((atom) => makers.get(atom) ?? [])
  return { ...group, equations: ordered(group.equations, needs) }
}
