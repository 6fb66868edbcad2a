// Quadrature: Gauss and Legendre's rule, and over [0, infinity) the double exponential substitution v = exp(t - exp(-t))
// (H. Takahasi, M. Mori, Double Exponential Formulas for Numerical Integration, 1974).

/** Nodes on (0, 1) and weights of Gauss and Legendre's rule of 16 points on (-1, 1), by symmetry. */
export const GAUSS = [
  [0.09501250983763744, 0.1894506104550685],
  [0.2816035507792589, 0.18260341504492358],
  [0.45801677765722737, 0.16915651939500254],
  [0.6178762444026438, 0.14959598881657674],
  [0.755404408355003, 0.12462897125553388],
  [0.8656312023878318, 0.09515851168249279],
  [0.9445750230732326, 0.062253523938647894],
  [0.9894009349916499, 0.027152459411754096],
] as const

const STEP = 1 / 16
const COUNT = 150
const FIRST = -3.6

let rule: { readonly nodes: Float64Array; readonly weights: Float64Array } | undefined

function doubleExponential() {
  if (rule !== undefined) return rule
  const nodes = new Float64Array(COUNT)
  const weights = new Float64Array(COUNT)
  for (let i = 0; i < COUNT; i++) {
    const t = FIRST + i * STEP
    nodes[i] = Math.exp(t - Math.exp(-t))
    weights[i] = STEP * nodes[i] * (1 + Math.exp(-t))
  }
  rule = { nodes, weights }
  return rule
}

/** The integral of f over [0, infinity), where `scale` is about the distance over which it falls. */
export function decayingIntegral(f: (v: number) => number, scale: number): number {
  const { nodes, weights } = doubleExponential()
  let sum = 0
  for (let i = 0; i < COUNT; i++) {
    const term = weights[i] * f(scale * nodes[i])
    sum += term
    if (nodes[i] > 1 && Math.abs(term) < 1e-18 * Math.abs(sum)) break
  }
  return sum * scale
}

/** The integral of f over [low, high] by one rule of 16 points. */
export function gaussIntegral(f: (v: number) => number, low: number, high: number): number {
  const [middle, half] = [(low + high) / 2, (high - low) / 2]
  let sum = 0
  for (const [node, weight] of GAUSS) sum += weight * (f(middle - half * node) + f(middle + half * node))
  return sum * half
}

/** 1 / 15!, ..., 1 / 3!, 1 / 2! */
const FACTORIALS = /* @__PURE__ */ Array.from({ length: 14 }, (_, i) => {
  let product = 1
  for (let k = 2; k <= 15 - i; k++) product *= k
  return 1 / product
})

/** exp(v) - 1 - v, without cancellation around 0. */
export function expm1Less(v: number): number {
  if (Math.abs(v) > 0.5) return Math.expm1(v) - v
  let sum = FACTORIALS[0]
  for (let n = 1; n < FACTORIALS.length; n++) sum = sum * v + FACTORIALS[n]
  return sum * v * v
}
