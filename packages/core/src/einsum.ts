// Einstein summation: products of tensors named by their axes, contracted two at a time.
// D. Smith, J. Gray, opt_einsum, JOSS 2018 (the greedy order).

import { bind1 } from './bind.js'
import { AdjointError } from './error.js'
import { dotGeneral } from './functions/linear.js'
import { reshape, stack, transpose } from './functions/movement.js'
import { operands } from './functions/operands.js'
import { sum } from './functions/reductions.js'
import { gatherPrimitive } from './primitives/gather.js'
import { iotaPrimitive } from './primitives/movement.js'
import { formatAval } from './shape.js'
import { composed } from './temporaries.js'
import type { Tensor } from './tensor.js'

interface Term {
  readonly labels: string
  readonly x: Tensor
}

/**
 * Sums of products over named axes, as NumPy's `einsum`: letters name axes, `...` stands for leading ones.
 *
 * @param equation - `'ij,jk->ik'`; without `->` the letters that occur once, in alphabetical order
 * @throws AdjointError `invalid-argument` for an equation that does not parse or fit, `shape-mismatch` for axes of different lengths
 * @example
 * import { ones } from '@adjoint/core'
 * import { einsum } from '@adjoint/core/einsum'
 *
 * einsum('ij,jk->ik', ones([2, 3]), ones([3, 4])).shape   // [2, 4]
 */
export function einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
  return composed(tensors, () => {
    const { inputs, output } = parse(equation, tensors)
    const sizes = new Map<string, number>()
    let terms = operands('einsum', tensors).map((x, i) => diagonal(equation, inputs[i], x, sizes))
    while (terms.length > 1) terms = contractCheapest(terms, output)
    return arrange(terms[0], output)
  })
}

function parse(equation: string, tensors: readonly Tensor[]): { inputs: string[]; output: string } {
  const match = /^([A-Za-z.,]*)(?:->([A-Za-z.]*))?$/.exec(equation.replace(/\s+/g, ''))
  const inputs = match?.[1].split(',') ?? []
  if (match === null || inputs.length !== tensors.length) throw malformed(equation, `${tensors.length} tensors`)
  const hidden = Math.max(
    0,
    ...inputs.map((labels, i) => (labels.includes('...') ? tensors[i].ndim - labels.length + 3 : 0)),
  )
  const names = Array.from({ length: hidden }, (_, i) => String.fromCharCode(0x3b1 + i)).join('')
  const expand = (labels: string, ndim: number) =>
    labels.replace('...', names.slice(names.length - (ndim - labels.length + 3)))
  const full = inputs.map((labels, i) => (labels.includes('...') ? expand(labels, tensors[i].ndim) : labels))
  full.forEach((labels, i) => {
    if (labels.length !== tensors[i].ndim || labels.includes('.'))
      throw malformed(equation, `${inputs[i]} for ${formatAval(tensors[i])}`)
  })
  const output = match[2]?.replace('...', names) ?? names + once(full.join('').replace(/[^A-Za-z]/g, ''))
  const known = full.join('')
  if ([...output].some((label, i) => !known.includes(label) || output.indexOf(label) !== i))
    throw malformed(equation, `output ${output}`)
  return { inputs: full, output }
}

function once(labels: string): string {
  return [...new Set(labels)]
    .filter((label) => labels.indexOf(label) === labels.lastIndexOf(label))
    .sort()
    .join('')
}

function malformed(equation: string, what: string): AdjointError {
  return new AdjointError('invalid-argument', {
    fn: 'einsum',
    given: `'${equation}' with ${what}`,
    expected: "one letter per axis, operands separated by commas, as in 'ij,jk->ik'",
  })
}

/** A label that occurs twice in a term takes the diagonal. Sizes must agree everywhere. */
function diagonal(equation: string, labels: string, x: Tensor, sizes: Map<string, number>): Term {
  ;[...labels].forEach((label, axis) => {
    const known = sizes.get(label)
    if (known !== undefined && known !== x.shape[axis]) {
      throw new AdjointError('shape-mismatch', {
        fn: 'einsum',
        given: `'${equation}': axis ${label} of lengths ${known} and ${x.shape[axis]}`,
        expected: 'one length per letter',
      })
    }
    sizes.set(label, x.shape[axis])
  })
  const twice = [...labels].find((label, i) => labels.indexOf(label) !== i)
  if (twice === undefined) return { labels, x }
  const [i, j] = [labels.indexOf(twice), labels.lastIndexOf(twice)]
  const rest = [...labels].map((_, axis) => axis).filter((axis) => axis !== i && axis !== j)
  const n = x.shape[i]
  const index = bind1(iotaPrimitive, [], { shape: [n], dtype: 'int32', axis: 0 })
  const front = transpose(x, [i, j, ...rest])
  const picked = bind1(gatherPrimitive, [front, stack([index, index], -1)], { batch: 0, mode: 'clip' })
  return diagonal(equation, twice + rest.map((axis) => labels[axis]).join(''), picked, sizes)
}

/** Contracts the pair whose result is smallest against what it removes. */
function contractCheapest(terms: readonly Term[], output: string): Term[] {
  let best: { cost: number; i: number; j: number } = { cost: Infinity, i: 0, j: 1 }
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const kept = keptLabels(terms, i, j, output)
      const length = (label: string) => lengthOf(terms[i], label) ?? lengthOf(terms[j], label) ?? 1
      const cost = [...kept].reduce((n, label) => n * length(label), 1) - terms[i].x.size - terms[j].x.size
      if (cost < best.cost) best = { cost, i, j }
    }
  }
  const { i, j } = best
  const merged = contract(terms[i], terms[j], keptLabels(terms, i, j, output))
  return [...terms.filter((_, k) => k !== i && k !== j), merged]
}

function lengthOf({ labels, x }: Term, label: string): number | undefined {
  const axis = labels.indexOf(label)
  return axis < 0 ? undefined : x.shape[axis]
}

function keptLabels(terms: readonly Term[], i: number, j: number, output: string): string {
  const others =
    output +
    terms
      .filter((_, k) => k !== i && k !== j)
      .map((t) => t.labels)
      .join('')
  return [...new Set(terms[i].labels + terms[j].labels)].filter((label) => others.includes(label)).join('')
}

function contract(first: Term, second: Term, kept: string): Term {
  const a = sumAlone(first, second.labels + kept)
  const b = sumAlone(second, first.labels + kept)
  const shared = [...a.labels].filter((label) => b.labels.includes(label))
  const places = (labels: readonly string[], term: Term) => labels.map((label) => term.labels.indexOf(label))
  const [batch, contracted] = [shared.filter((l) => kept.includes(l)), shared.filter((l) => !kept.includes(l))]
  const x = dotGeneral(a.x, b.x, {
    contract: [places(contracted, a), places(contracted, b)],
    batch: [places(batch, a), places(batch, b)],
  })
  const free = (term: Term) => [...term.labels].filter((label) => !shared.includes(label))
  return { labels: [...batch, ...free(a), ...free(b)].join(''), x }
}

/** Sums the axes that nothing else mentions. */
function sumAlone({ labels, x }: Term, needed: string): Term {
  const axes = [...labels].map((_, i) => i).filter((i) => !needed.includes(labels[i]))
  if (axes.length === 0) return { labels, x }
  return { labels: [...labels].filter((label) => needed.includes(label)).join(''), x: sum(x, axes) }
}

function arrange(term: Term, output: string): Tensor {
  const { labels, x } = sumAlone(term, output)
  return output.length === 0
    ? reshape(x, [])
    : transpose(
        x,
        [...output].map((label) => labels.indexOf(label)),
      )
}
