// The linalg suite: dense factorisations in float64 and float32, of one matrix and of many small ones.
import { type Tensor, wrap } from 'adjoint'
import type { Case, Program, Setup, Suite } from '../../harness/api.js'
import { limits } from '../../harness/limits.js'
import { jaxjs } from '../../peers/jax.js'
import { mlMatrix, square } from '../../peers/ml-matrix.js'
import { numpyScript, scipyScript } from '../../peers/python.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'
import { expectedRatio } from '../expected-ratio.js'
import { rightHandSide } from './inputs.js'
import { type Jax, type Problem, problems } from './problems.js'

type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>
type Peers = Record<string, Setup>

const sizes = [10, 64, 256, 512]

/** One float64 matrix. */
function single(problem: Problem, n: number): Case {
  const { name, input, ours, compare, mlMatrix: ml, flop } = problem
  const [data, right] = [input(n), rightHandSide(n)]
  return {
    name: `${name}-${n}`,
    work: flop && { flop: flop(n), dtype: 'float64' },
    ours: () => program(ours(wrap(data, [n, n]), wrap(right, [n])), compare),
    peers: {
      ...mlMatrix((library) => ml(library, square(n, data), library.Matrix.columnVector(right))),
      ...jaxPeer(problem, data, right),
      ...pythonPeers(problem, data, right),
    },
  }
}

/** One float32 matrix. */
function float32(problem: Problem, n: number): Case {
  const { name, input, ours, compare, flop } = problem
  const [data, right] = [Float32Array.from(input(n)), Float32Array.from(rightHandSide(n))]
  return {
    name: `${name}-${n}-float32`,
    tolerance: 1e-3,
    work: flop && { flop: flop(n), dtype: 'float32' },
    ours: () => program(ours(wrap(data, [n, n]), wrap(right, [n])), compare),
    peers: { ...tfjsPeers(problem, data, n), ...jaxPeer(problem, data, right), ...pythonPeers(problem, data, right) },
  }
}

/** Many small matrices: one call for us and NumPy, a loop for ml-matrix. */
function batch({ name, input, ours, compare, mlMatrix: ml, flop }: Problem, count: number, n: number): Case {
  const [data, right] = [input(n, count), rightHandSide(n, count)]
  return {
    name: `${name}-${count}x${n}`,
    work: flop && { flop: count * flop(n), dtype: 'float64' },
    ours: () => program(ours(wrap(data, [count, n, n]), wrap(right, [count, n, 1])), compare),
    peers: {
      ...mlMatrix((library) => {
        const each = Array.from({ length: count }, (_, i) =>
          ml(
            library,
            square(n, data.subarray(i * n * n, (i + 1) * n * n)),
            library.Matrix.columnVector(right.subarray(i * n, (i + 1) * n)),
          ),
        )
        return {
          step: () => {
            for (const { step } of each) step()
          },
          result: async () => (await Promise.all(each.map(({ result }) => result()))).flatMap((x) => Array.from(x)),
        }
      }),
      ...numpyScript({
        file: 'suites/linalg/dense.py',
        setup: name,
        inputs: { a: { data, shape: [count, n, n] }, b: { data: right, shape: [count, n, 1] } },
      }),
    },
  }
}

function program(make: () => Tensor, compare: (made: Tensor) => Tensor = (made) => made): Program {
  return { step: make, result: () => compare(make()).data() }
}

function pythonPeers({ name }: Problem, data: Floats, right: Floats): Peers {
  const n = right.length
  const inputs = { a: { data, shape: [n, n] }, b: { data: right, shape: [n] } }
  return {
    ...numpyScript({ file: 'suites/linalg/dense.py', setup: name, inputs }),
    ...scipyScript({ file: 'suites/linalg/dense_scipy.py', setup: name, inputs }),
  }
}

function tfjsPeers({ tfjs: limited }: Problem, data: Float32Array, n: number): Peers {
  if (limited === undefined || n > limited.largest) return {}
  return tfjs((library) => {
    const a = library.tensor(data, [n, n])
    return onTfjs(() => library.tidy(() => limited.make(library, a)))
  })
}

function jaxPeer({ jax: limited }: Problem, data: Floats, right: Floats): Peers {
  if (limited === undefined || right.length > limited.largest) return {}
  return jaxjs((library) => onJax(library, limited.make, data, right))
}

/** All outputs are waited for; the first one is compared. */
function onJax(library: Jax, make: NonNullable<Problem['jax']>['make'], data: Floats, right: Floats): Program {
  const n = right.length
  const { array } = library.numpy
  const [a, b] = [array(data, { shape: [n, n] }), array(right, { shape: [n] })]
  return {
    step: async () => {
      for (const made of make(library, a.ref, b.ref)) {
        await made.blockUntilReady()
        made.dispose()
      }
    },
    result: async () => {
      const [first, ...others] = make(library, a.ref, b.ref)
      for (const other of others) other.dispose()
      return first.data()
    },
  }
}

export const linalg: Suite = {
  name: 'linalg',
  cases: problems.flatMap((problem) => [
    ...sizes.map((n) => single(problem, n)),
    batch(problem, 1000, 10),
    ...sizes.map((n) => float32(problem, n)),
  ]),
  figures: limits,
  expected: expectedRatio,
}
