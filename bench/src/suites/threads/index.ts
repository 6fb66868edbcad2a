// The threads suite: two threads of the CPU backend against one; the results are the same bits.
import { createCpu, exp, jit, softmax, type Tensor, tanh, tensor, threads, withBackend } from 'adjoint'
import type { Case, Setup, Suite } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { making } from '../../peers/ours.js'

const backends = new Map<number, ReturnType<typeof createCpu>>()

/** A backend with so many threads, made once. */
async function backendWith(count: number) {
  const made = backends.get(count) ?? createCpu({ name: `cpu-${count}` })
  if (!backends.has(count)) await threads(count, { backend: made })
  backends.set(count, made)
  return made
}

function compare(name: string, shape: readonly number[], make: () => (x: Tensor) => Tensor, double = false): Case {
  const size = shape.reduce((a, b) => a * b, 1)
  const data = double ? Float64Array.from(numbers(1, size)) : numbers(1, size)
  const on =
    (count: number): Setup =>
    async () => {
      const x = withBackend(await backendWith(count), () => tensor(data, { shape: [...shape] }))
      const work = make()
      return making(() => work(x))
    }
  return { name: `${name}-threads-2`, ours: on(2), peers: { 'one thread': on(1) }, tolerance: 0 }
}

const square = () => (x: Tensor) => x.matmul(x)
const million = [1024, 1024]

export const threaded: Suite = {
  name: 'threads',
  cases: [
    compare('matmul-256', [256, 256], square),
    compare('matmul-512', [512, 512], square),
    compare('matmul-1024', million, square),
    compare('matmul-1024-f64', million, square, true),
    compare('matmul-64x64x64', [64, 64, 64], square),
    compare('matvec-2048', [2048, 2048], () => (x) => x.matmul(x.slice([0, 1]).reshape([2048]))),
    compare('chain-1m', million, () => jit((x: Tensor) => tanh(x.mul(2)).add(exp(x.neg())).mul(x).add(1))),
    compare('loss-1m', million, () => jit((x: Tensor) => tanh(x).square().mean())),
    compare('softmax-1024', million, () => jit((x: Tensor) => softmax(x))),
    compare('tanh-1m', million, () => tanh),
    compare('transpose-1024', million, () => (x) => x.transpose()),
    compare('sum-1m', million, () => (x) => x.sum()),
  ],
}
