// Entropies of counting distributions as sums on the host, and their derivatives: those of an expectation of f are
// expectations of the differences of f (for Poisson's E f(K)' = E f(K + 1) - E f(K)).

import { add, log, mul, type Primitive, sub, type Tensor, type TensorLike, zerosLike } from '@adjoint/core'
import { numbers } from '../arithmetic.js'
import { betaKernelFormula, gammaKernelFormula, lbetaFormula } from '../beta.js'
import { apply, hostPrimitive } from '../elementwise.js'

interface OrderParams {
  readonly order: number
}

/** The difference of some order of f at k. */
function difference(f: (k: number) => number, order: number, k: number): number {
  return order === 0 ? f(k) : difference(f, order - 1, k + 1) - difference(f, order - 1, k)
}

/**
 * Sums over the counts that carry weight; where the mass is wide and smooth, over every so many of them, which by Poisson's
 * summation formula leaves out exp(-2 pi^2 8^2) of it.
 */
function sumAround(centre: number, width: number, most: number, term: (k: number) => number): number {
  const low = Math.max(0, Math.floor(centre - 12 * width - 40))
  const high = Math.min(most, Math.ceil(centre + 12 * width + 40))
  const stride = Math.max(1, Math.floor(width / 8))
  let sum = 0
  for (let k = low; k <= high; k += stride) sum += term(k)
  return sum * stride
}

const poissonLogMass = (k: number, rate: number) => gammaKernelFormula(numbers, k + 1, rate) - Math.log(rate)

/** Order 0 is the entropy, order n + 1 the expectation of the n-th difference of log(k + 1). */
export const poissonPrimitive: Primitive<OrderParams> = /* @__PURE__ */ hostPrimitive<OrderParams>('poissonMean', {
  compute:
    ({ order }) =>
    (rate) => {
      if (!(rate >= 0)) return NaN
      if (rate === 0) return order === 0 ? 0 : difference((k) => Math.log(k + 1), order - 1, 0)
      return sumAround(rate, Math.sqrt(rate), Infinity, (k) => {
        const logMass = poissonLogMass(k, rate)
        return Math.exp(logMass) * (order === 0 ? -logMass : difference((i) => Math.log(i + 1), order - 1, k))
      })
    },
  partials: ([rate], _, { order }) => [
    () => {
      const next = apply('poissonMean', poissonPrimitive, [rate], { order: order + 1 })
      return order === 0 ? sub(next, log(rate)) : next
    },
  ],
})

/** Entropy of Poisson distributions. */
export function poissonEntropy(rate: TensorLike): Tensor {
  return apply('poissonEntropy', poissonPrimitive, [rate], { order: 0 })
}

function binomialLogMass(k: number, n: number, p: number): number {
  if (p === 0 || p === 1) return k === p * n ? 0 : -Infinity
  return betaKernelFormula(numbers, k + 1, n - k + 1, p) - Math.log(p) - Math.log1p(-p) - Math.log(n + 1)
}

/** Order 0 is the entropy, order m >= 1 the mean over n - m trials of the difference of order m - 1 of log((k + 1) / (n - k)). */
export const binomialPrimitive: Primitive<OrderParams> = /* @__PURE__ */ hostPrimitive<OrderParams>('binomialMean', {
  compute:
    ({ order }) =>
    (n, p) => {
      if (!(n >= 0 && p >= 0 && p <= 1)) return NaN
      const trials = n - order
      return sumAround(trials * p, Math.sqrt(Math.max(trials, 0) * p * (1 - p)), trials, (k) => {
        const logMass = binomialLogMass(k, trials, p)
        if (logMass === -Infinity) return 0
        if (order === 0) return -Math.exp(logMass) * logMass
        return Math.exp(logMass) * difference((i) => Math.log((i + 1) / (n - i)), order - 1, k)
      })
    },
  partials: ([n, p], _, { order }) => [
    () => zerosLike(add(n, p)),
    () => {
      const next = apply('binomialMean', binomialPrimitive, [n, p], { order: order + 1 })
      const slope = order === 0 ? sub(next, sub(log(p), log(sub(1, p)))) : next
      return mul(sub(n, order), slope)
    },
  ],
})

/** Entropy of binomial distributions; it has no derivative by the count. */
export function binomialEntropy(count: TensorLike, probs: TensorLike): Tensor {
  return apply('binomialEntropy', binomialPrimitive, [count, probs], { order: 0 })
}

/**
 * Order 0 is the mean of log (n over k) - log (m over k) for k of n trials, order i >= 1 the mean over n - i trials of the
 * difference of order i - 1 of log((n - k) / (m - k)).
 */
export const choicesPrimitive: Primitive<OrderParams> = /* @__PURE__ */ hostPrimitive<OrderParams>('binomialChoices', {
  compute:
    ({ order }) =>
    (n, m, p) => {
      if (!(n >= 0 && m >= 0 && p >= 0 && p <= 1)) return NaN
      if (n === m || p === 0) return 0
      if (m < n) return order === 0 ? Infinity : 0
      const trials = n - order
      const choices = (total: number, k: number) => -Math.log(total + 1) - lbetaFormula(numbers, k + 1, total - k + 1)
      return sumAround(trials * p, Math.sqrt(Math.max(trials, 0) * p * (1 - p)), trials, (k) => {
        const mass = Math.exp(binomialLogMass(k, trials, p))
        if (mass === 0) return 0
        if (order === 0) return mass * (choices(n, k) - choices(m, k))
        return mass * difference((i) => Math.log((n - i) / (m - i)), order - 1, k)
      })
    },
  partials: ([n, m, p], _, { order }) => [
    () => zerosLike(add(add(n, m), p)),
    () => zerosLike(add(add(n, m), p)),
    () => mul(sub(n, order), apply('binomialChoices', choicesPrimitive, [n, m, p], { order: order + 1 })),
  ],
})

/** The mean of log (n over k) - log (m over k) for k successes of n; infinite for m < n, without derivative by the counts. */
export function binomialChoices(n: TensorLike, m: TensorLike, probs: TensorLike): Tensor {
  return apply('binomialChoices', choicesPrimitive, [n, m, probs], { order: 0 })
}
