// What Node and the browser must agree about: every transformation, and a model that learns.

import {
  cond,
  defaultBackend,
  grad,
  hessian,
  jit,
  jvp,
  lt,
  random,
  scan,
  sin,
  sort,
  type Tensor,
  tensor,
  valueAndGrad,
  vmap,
  whileLoop,
} from '../../src/index.js'

const list = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const matrix = () => tensor([0.1, -0.7, 1.3, 2.1, 0.4, -1.6]).reshape([2, 3])
const f = (x: Tensor) => x.exp().add(1).log().mul(x.square()).sum()

const branch = (x: Tensor) =>
  cond(
    lt(x.sum(), 0),
    (v: Tensor) => v.neg(),
    (v: Tensor) => v.mul(2),
    x,
  )

const doubled = (x: Tensor) =>
  whileLoop({ cond: (v: Tensor) => lt(v.sum(), 100), body: (v: Tensor) => v.mul(2), init: x, maxSteps: 50 })

/** Fits a plane by gradient descent with momentum; the whole run is one compiled loop. */
function train(): Promise<number[]> {
  const features = random.normal(random.key(0), [64, 3])
  const noise = random.normal(random.key(1), [64]).mul(0.01)
  const labels = features.matmul(tensor([1, -2, 0.5])).add(noise)
  const loss = (w: Tensor) => features.matmul(w).sub(labels).square().mean()
  const step = ({ w, velocity }: { w: Tensor; velocity: Tensor }) => {
    const { value, grad: gradient } = valueAndGrad(loss)(w)
    const next = velocity.mul(0.9).sub(gradient.mul(0.05))
    return [{ w: w.add(next), velocity: next }, value] as const
  }
  const start = { w: tensor([0, 0, 0]), velocity: tensor([0, 0, 0]) }
  const run = jit((from: typeof start) => scan(step, from, null, { length: 200 }).carry.w)
  return list(run(start))
}

export const cases: Readonly<Record<string, () => string | Promise<readonly number[]>>> = {
  backend: () => defaultBackend().name,
  eager: () => list(matrix().matmul(matrix().transpose()).add(matrix().sum())),
  grad: () => list(grad(f)(matrix())),
  jit: () => list(jit(f)(matrix())),
  'jit of grad': () => list(jit(grad(f))(matrix())),
  'vmap of grad': () => list(vmap(grad(f))(matrix())),
  'jit of vmap of grad': () => list(jit(vmap(grad(f)))(matrix())),
  jvp: () => list(jvp(f, [matrix()], [matrix()]).tangent),
  'jit of hessian': () => list(jit(hessian(f))(tensor([0.3, -0.2]))),
  sort: () => list(sort(matrix())),
  random: () => list(random.uniform(random.key(7), [5])),
  cond: () => list(jit(branch)(matrix())),
  whileLoop: () => list(jit(doubled)(matrix())),
  float64: () => list(tensor([0.1, 0.2], { dtype: 'float64' }).exp()),
  'a large array': () => {
    const x = tensor(Float32Array.from({ length: 100_000 }, (_, i) => i / 1e5))
    return list(jit((v: Tensor) => sin(v).mul(v).sum())(x))
  },
  training: train,
}
