// The public interface of @adjoint/special.

export { i0, i0e, i1, i1e } from './bessel.js'
export { beta, lbeta } from './beta.js'
export { erf, erfc, erfcinv, erfcx, erfinv } from './error-function.js'
export { entr, logaddexp, softplus, xlog1py, xlogy } from './exponential.js'
export { digamma, gamma, lgamma, polygamma } from './gamma.js'
export { betainc, betaincinv } from './incomplete-beta.js'
export { gammainc, gammaincc, gammainccinv, gammaincinv } from './incomplete-gamma.js'
export {
  normalCdf,
  normalLogCdf,
  normalLogCdfDifference,
  normalLogPdf,
  normalPdf,
  normalQuantile,
} from './normal.js'
