// What we expect of ourselves, by case and peer.

/** NumPy's BLAS and LAPACK use vectors wider than WebAssembly has. */
const wide = /^(cholesky|solve|qr|eigh|svd)-|^matmul-(512|1024)-f64$/

/** The largest ratio that satisfies. */
export function expectedRatio(item: string, peer: string): number {
  if (peer !== 'numpy' && peer !== 'scipy') return 0.8
  return wide.test(item) ? 3 : 1
}
