export { add, div, exp, grad, log, matmul, maximum, mul, sub, sum, tanh } from '@adjoint/core'
