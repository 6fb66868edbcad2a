// The beta function and its logarithm, without the cancellation of large arguments, and the kernels of the gamma and
// beta densities to the same accuracy (after A. R. DiDonato, A. H. Morris, ACM TOMS Algorithm 708, 1992).

import {
  add,
  div,
  exp,
  log,
  log1p,
  maximum,
  minimum,
  neg,
  stopGradient,
  sub,
  type Tensor,
  type TensorLike,
} from '@adjoint/core'
import { type Arithmetic, type Formula, polynomial } from './arithmetic.js'
import { apply, floats, formulaPrimitive } from './elementwise.js'
import { digamma, lgamma, lgammaFormula, stirlingRest, stirlingRestPrimitive } from './gamma.js'

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** Parts of a formula that others compute: whole primitives in compiled code, so that their text appears once. */
interface LbetaParts<T> {
  readonly lgammaLess: () => T
  readonly lgammaMore: () => T
  readonly lgammaWhole: () => T
  readonly restLess: () => T
  readonly restMore: () => T
  readonly restWhole: () => T
}

function lbetaOf<T>(m: Arithmetic<T>, p: T, q: T, parts: LbetaParts<T>): T {
  const whole = m.add(p, q)
  const share = m.div(p, whole)
  const small = () => m.sub(m.add(parts.lgammaLess(), parts.lgammaMore()), parts.lgammaWhole())
  const rests = () => m.sub(parts.restMore(), parts.restWhole())
  const uneven = () =>
    m.add(
      m.add(parts.lgammaLess(), rests()),
      m.add(m.mul(p, m.sub(1, m.log(whole))), m.mul(m.sub(q, 0.5), m.log1p(m.neg(share)))),
    )
  const large = () => {
    const logs = m.add(m.mul(m.sub(p, 0.5), m.log(share)), m.mul(q, m.log1p(m.neg(share))))
    return m.add(m.sub(HALF_LOG_TWO_PI, m.mul(m.log(q), 0.5)), m.add(m.add(parts.restLess(), rests()), logs))
  }
  const value = () => m.where(m.lt(q, 8.5), small, () => m.where(m.lt(p, 8.5), uneven, large))
  return m.where(m.lt(0, p), value, () => m.where(m.eq(p, 0), Infinity, NaN))
}

/** log B(a, b) as one formula. */
export const lbetaFormula: Formula = (m, a, b) => {
  const [p, q] = [m.min(a, b), m.max(a, b)]
  const whole = m.add(p, q)
  return lbetaOf(m, p, q, {
    lgammaLess: () => lgammaFormula(m, p),
    lgammaMore: () => lgammaFormula(m, q),
    lgammaWhole: () => lgammaFormula(m, whole),
    restLess: () => stirlingRest(m, p),
    restMore: () => stirlingRest(m, q),
    restWhole: () => stirlingRest(m, whole),
  })
}

/** log(1 + x) - x for |x| <= 0.4, in r = x / (x + 2). */
export function log1pLess<T>(m: Arithmetic<T>, x: T, r: T): T {
  const y = m.mul(r, r)
  return m.mul(r, m.sub(m.mul(m.mul(y, 2), polynomial(m, ATANH, y)), x))
}

const oddFractions = (count: number): number[] => Array.from({ length: count }, (_, i) => 1 / (2 * (count - i) + 1))
const ATANH = { float64: /* @__PURE__ */ oddFractions(13), float32: /* @__PURE__ */ oddFractions(6) }

/** How far a share is from where its density is highest, relative to that, and the argument of its series. */
interface Distance<T> {
  readonly distance: T
  readonly ratio: T
}

const ratioOf = <T>(m: Arithmetic<T>, distance: T): T => m.div(distance, m.add(distance, 2))

function gammaKernelOf<T>(m: Arithmetic<T>, a: T, x: T, lgammaA: () => T, restA: () => T, d: Distance<T>): T {
  const direct = () => m.sub(m.sub(m.mul(a, m.log(x)), x), lgammaA())
  const height = () => m.sub(m.mul(m.log(a), 0.5), m.add(restA(), HALF_LOG_TWO_PI))
  const near = () => m.mul(a, log1pLess(m, d.distance, d.ratio))
  const far = () => m.add(m.mul(a, m.log(m.div(x, a))), m.sub(a, x))
  const slack = () => m.where(m.lt(m.abs(d.distance), 0.4), near, far)
  return m.where(m.lt(a, 8.5), direct, () => m.add(slack(), height()))
}

/** a log x - x - lgamma(a) as one formula. */
export const gammaKernelFormula: Formula = (m, a, x) => {
  const distance = m.div(m.sub(x, a), a)
  const d = { distance, ratio: ratioOf(m, distance) }
  return gammaKernelOf(
    m,
    a,
    x,
    () => lgammaFormula(m, a),
    () => stirlingRest(m, a),
    d,
  )
}

/** How far x is from a / (a + b), times a + b, without cancellation where it is near. */
function imbalance<T>(m: Arithmetic<T>, a: T, b: T, x: T): T {
  const whole = m.add(a, b)
  return m.where(
    m.lt(b, a),
    () => m.sub(m.mul(whole, m.sub(1, x)), b),
    () => m.sub(a, m.mul(whole, x)),
  )
}

interface BetaKernelParts<T> {
  readonly lbeta: () => T
  /** stirlingRest(a) + stirlingRest(b) - stirlingRest(a + b) */
  readonly rests: () => T
  readonly left: Distance<T>
  readonly right: Distance<T>
}

function betaKernelOf<T>(m: Arithmetic<T>, a: T, b: T, x: T, { lbeta, rests, left, right }: BetaKernelParts<T>): T {
  const whole = m.add(a, b)
  const direct = () => m.sub(m.add(m.mul(a, m.log(x)), m.mul(b, m.log1p(m.neg(x)))), lbeta())
  const term = (c: T, share: T, { distance, ratio }: Distance<T>) => {
    const far = () => m.sub(m.log(m.div(m.mul(whole, share), c)), distance)
    return m.mul(
      c,
      m.where(m.lt(m.abs(distance), 0.4), () => log1pLess(m, distance, ratio), far),
    )
  }
  const centred = () => {
    const height = m.sub(m.mul(m.log(m.div(m.mul(a, m.div(b, whole)), 2 * Math.PI)), 0.5), rests())
    return m.add(m.add(term(a, x, left), term(b, m.sub(1, x), right)), height)
  }
  return m.where(m.lt(m.min(a, b), 8.5), direct, centred)
}

/** a log x + b log(1 - x) - lbeta(a, b) as one formula. */
export const betaKernelFormula: Formula = (m, a, b, x) => {
  const lambda = imbalance(m, a, b, x)
  const [left, right] = [m.neg(m.div(lambda, a)), m.div(lambda, b)]
  return betaKernelOf(m, a, b, x, {
    lbeta: () => lbetaFormula(m, a, b),
    rests: () => m.sub(m.add(stirlingRest(m, a), stirlingRest(m, b)), stirlingRest(m, m.add(a, b))),
    left: { distance: left, ratio: ratioOf(m, left) },
    right: { distance: right, ratio: ratioOf(m, right) },
  })
}

const lbetaPrimitive = /* @__PURE__ */ formulaPrimitive('lbeta', {
  formula: () => (m, a, b, lgammaLess, lgammaMore, lgammaWhole, restLess, restMore, restWhole) =>
    lbetaOf(m, m.min(a, b), m.max(a, b), {
      lgammaLess: () => lgammaLess,
      lgammaMore: () => lgammaMore,
      lgammaWhole: () => lgammaWhole,
      restLess: () => restLess,
      restMore: () => restMore,
      restWhole: () => restWhole,
    }),
  partials: ([a, b]) => [() => sub(digamma(a), digamma(add(a, b))), () => sub(digamma(b), digamma(add(a, b)))],
})

const gammaKernelPrimitive = /* @__PURE__ */ formulaPrimitive('gammaKernel', {
  formula: () => (m, a, x, lgammaA, restA, distance, ratio) =>
    gammaKernelOf(
      m,
      a,
      x,
      () => lgammaA,
      () => restA,
      { distance, ratio },
    ),
  partials: ([a, x]) => [() => sub(log(x), digamma(a)), () => div(sub(a, x), x)],
})

const betaKernelPrimitive = /* @__PURE__ */ formulaPrimitive('betaKernel', {
  formula: () => (m, a, b, x, lbetaAB, rests, left, leftRatio, right, rightRatio) =>
    betaKernelOf(m, a, b, x, {
      lbeta: () => lbetaAB,
      rests: () => rests,
      left: { distance: left, ratio: leftRatio },
      right: { distance: right, ratio: rightRatio },
    }),
  partials: ([a, b, x]) => [
    () => add(sub(log(x), digamma(a)), digamma(add(a, b))),
    () => add(sub(log1p(neg(x)), digamma(b)), digamma(add(a, b))),
    () => sub(div(a, x), div(b, sub(1, x))),
  ],
})

const imbalancePrimitive = /* @__PURE__ */ formulaPrimitive('betaImbalance', {
  formula: () => imbalance,
  partials: () => [],
})

const restAt = (x: Tensor): Tensor => apply('stirlingRest', stirlingRestPrimitive, [x])
const ratioAt = (distance: Tensor): Tensor => div(distance, add(distance, 2))

/** a log x - x - lgamma(a): the gamma density times x, as a logarithm. */
export function gammaKernel(shape: TensorLike, value: TensorLike): Tensor {
  const [a, x] = floats('gammaKernel', [shape, value])
  const [fixedA, fixedX] = [stopGradient(a), stopGradient(x)]
  const distance = div(sub(fixedX, fixedA), fixedA)
  return apply('gammaKernel', gammaKernelPrimitive, [a, x, lgamma(fixedA), restAt(fixedA), distance, ratioAt(distance)])
}

/** a log x + b log(1 - x) - lbeta(a, b): the beta density times x (1 - x), as a logarithm. */
export function betaKernel(alpha: TensorLike, beta: TensorLike, value: TensorLike): Tensor {
  const own = floats('betaKernel', [alpha, beta, value])
  const [a, b, x] = own.map(stopGradient)
  const lambda = apply('betaKernel', imbalancePrimitive, [a, b, x])
  const [left, right] = [neg(div(lambda, a)), div(lambda, b)]
  const rests = sub(add(restAt(a), restAt(b)), restAt(add(a, b)))
  const parts = [lbeta(a, b), rests, left, ratioAt(left), right, ratioAt(right)]
  return apply('betaKernel', betaKernelPrimitive, [...own, ...parts])
}

/**
 * The logarithm of the beta function, for a, b > 0; NaN below. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * lbeta(tensor(2), tensor(3))   // -log(12)
 */
export function lbeta(a: TensorLike, b: TensorLike): Tensor {
  const own = floats('lbeta', [a, b])
  const [x, y] = own.map(stopGradient)
  const [less, more] = [minimum(x, y), maximum(x, y)]
  const whole = add(less, more)
  const parts = [lgamma(less), lgamma(more), lgamma(whole), restAt(less), restAt(more), restAt(whole)]
  return apply('lbeta', lbetaPrimitive, [...own, ...parts])
}

/**
 * The beta function, gamma(a) gamma(b) / gamma(a + b), for a, b > 0. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * beta(tensor(2), tensor(3))   // 0.0833..., 1 / 12
 */
export function beta(a: TensorLike, b: TensorLike): Tensor {
  return exp(lbeta(a, b))
}
