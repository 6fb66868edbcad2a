// The linalg suite: dense float64 factorisations against ml-matrix, and in float32 those that jax-js has: its float64 needs
// a Node with Float16Array.
import { cholesky, eigh, qr, solve, svd } from '@adjoint/linalg'
import { abs, type Tensor, wrap } from 'adjoint'
import type { Case, Numbers, Program, Suite } from '../../harness/api.js'
import { jaxjs } from '../../peers/jax.js'
import { type Library, making, mlMatrix, square } from '../../peers/ml-matrix.js'
import { definite, general, rightHandSide } from './inputs.js'

type Jax = Parameters<Parameters<typeof jaxjs>[0]>[0]
type JaxArray = ReturnType<Jax['numpy']['array']>
type MlMatrix = ReturnType<typeof square>

interface Problem {
  readonly name: string
  readonly input: (n: number, count?: number) => Float64Array
  /** Makes the result, and says what to compare: signs of vectors are free. */
  readonly ours: (a: Tensor, b: Tensor) => () => Tensor
  readonly compare?: (made: Tensor) => Tensor
  readonly mlMatrix: (library: Library, a: MlMatrix, b: MlMatrix) => Program
  /** jax-js has no other factorisations; from 256 rows on its eigh and svd take minutes. */
  readonly jax?: { readonly largest: number; readonly make: (jax: Jax, a: JaxArray, b: JaxArray) => JaxArray[] }
}

const flat = (m: { to1DArray(): number[] }): Numbers => m.to1DArray()

const problems: readonly Problem[] = [
  {
    name: 'cholesky',
    input: definite,
    ours: (a) => () => cholesky(a).l,
    mlMatrix: ({ CholeskyDecomposition }, a) =>
      making(
        () => new CholeskyDecomposition(a).lowerTriangularMatrix,
        (l) => flat(l),
      ),
    jax: { largest: 512, make: ({ lax }, a) => [lax.linalg.cholesky(a)] },
  },
  {
    name: 'solve',
    input: general,
    ours: (a, b) => () => solve(a, b),
    mlMatrix: ({ LuDecomposition }, a, b) =>
      making(
        () => new LuDecomposition(a).solve(b),
        (x) => flat(x),
      ),
    jax: { largest: 512, make: ({ numpy }, a, b) => [numpy.linalg.solve(a, b)] },
  },
  {
    name: 'qr',
    input: general,
    ours: (a) => () => qr(a).r,
    compare: abs,
    mlMatrix: ({ QrDecomposition }, a) =>
      making(
        () => {
          const { orthogonalMatrix, upperTriangularMatrix } = new QrDecomposition(a)
          return { orthogonalMatrix, upperTriangularMatrix }
        },
        ({ upperTriangularMatrix }) => upperTriangularMatrix.abs().to1DArray(),
      ),
  },
  {
    name: 'eigh',
    input: definite,
    ours: (a) => () => eigh(a).values,
    mlMatrix: ({ EigenvalueDecomposition }, a) =>
      making(
        () => new EigenvalueDecomposition(a, { assumeSymmetric: true }),
        ({ realEigenvalues }) => realEigenvalues.toSorted((x, y) => x - y),
      ),
    jax: { largest: 64, make: ({ numpy }, a) => numpy.linalg.eigh(a) },
  },
  {
    name: 'svd',
    input: general,
    ours: (a) => () => svd(a).s,
    mlMatrix: ({ SingularValueDecomposition }, a) =>
      making(
        () => new SingularValueDecomposition(a),
        ({ diagonal }) => diagonal,
      ),
  },
]

function single({ name, input, ours, compare, mlMatrix: ml }: Problem, n: number): Case {
  const [data, right] = [input(n), rightHandSide(n)]
  return {
    name: `${name}-${n}`,
    ours: () => program(ours(wrap(data, [n, n]), wrap(right, [n])), compare),
    peers: mlMatrix((library) => ml(library, square(n, data), library.Matrix.columnVector(right))),
  }
}

/** Against jax-js, where it has the function and takes no minutes. */
function float32({ name, input, ours, compare, jax }: Problem, n: number): readonly Case[] {
  if (jax === undefined || n > jax.largest) return []
  const [data, right] = [Float32Array.from(input(n)), Float32Array.from(rightHandSide(n))]
  return [
    {
      name: `${name}-${n}-float32`,
      tolerance: 1e-3,
      ours: () => program(ours(wrap(data, [n, n]), wrap(right, [n])), compare),
      peers: jaxjs((library) => onJax(library, jax.make, [data, right], n)),
    },
  ]
}

/** Many small matrices: one call for us, a loop for ml-matrix. */
function batch({ name, input, ours, compare, mlMatrix: ml }: Problem, count: number, n: number): Case {
  const [data, right] = [input(n, count), rightHandSide(n, count)]
  return {
    name: `${name}-${count}x${n}`,
    ours: () => program(ours(wrap(data, [count, n, n]), wrap(right, [count, n, 1])), compare),
    peers: mlMatrix((library) => {
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
  }
}

function program(make: () => Tensor, compare: (made: Tensor) => Tensor = (made) => made): Program {
  return { step: make, result: () => compare(make()).data() }
}

/** All outputs are waited for; the first one is compared. */
function onJax(
  library: Jax,
  make: (jax: Jax, a: JaxArray, b: JaxArray) => JaxArray[],
  [data, right]: readonly Float32Array<ArrayBuffer>[],
  n: number,
): Program {
  const { array } = library.numpy
  const [a, b] = [array(data, { shape: [n, n] }), array(right, { shape: [n] })]
  return {
    step: async () => {
      const made = make(library, a.ref, b.ref)
      for (const x of made) {
        await x.blockUntilReady()
        x.dispose()
      }
    },
    result: async () => {
      const [first, ...others] = make(library, a.ref, b.ref)
      for (const x of others) x.dispose()
      return first.data()
    },
  }
}

export const linalg: Suite = {
  name: 'linalg',
  cases: problems.flatMap((problem) => [
    ...[10, 64, 256, 512].map((n) => single(problem, n)),
    batch(problem, 1000, 10),
    ...[10, 64, 256, 512].flatMap((n) => float32(problem, n)),
  ]),
}
