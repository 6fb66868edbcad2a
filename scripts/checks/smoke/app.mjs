// A first app on the published packages.
import assert from 'node:assert/strict'
import { checkGrads } from '@adjoint/conformance'
import { blobs } from '@adjoint/datasets'
import { adam } from '@adjoint/optim'
import { grad, jit, tensor } from 'adjoint'
import { einsum } from 'adjoint/einsum'

const x = tensor([1, 2, 3])
const loss = (v) => v.square().sum()
assert.deepEqual(await jit(grad(loss))(x).array(), [2, 4, 6])
assert.equal(einsum('i,i->', x, x).item(), 14)
assert.equal(typeof adam(0.1).init, 'function')
assert.equal(typeof checkGrads, 'function')
assert.equal(typeof blobs, 'function')
