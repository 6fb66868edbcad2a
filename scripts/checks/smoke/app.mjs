// A first app on the published packages.
import assert from 'node:assert/strict'
import { checkGrads } from '@adjoint/conformance'
import { blobs } from '@adjoint/datasets'
import { csv, npz, safetensors } from '@adjoint/io'
import { solve } from '@adjoint/linalg'
import { adam, minimize } from '@adjoint/optim'
import { solveSample } from '@adjoint/ot'
import { erf } from '@adjoint/special'
import { normal } from '@adjoint/special/distributions'
import { grad, jit, tensor } from 'adjoint'
import { einsum } from 'adjoint/einsum'

const x = tensor([1, 2, 3])
const loss = (v) => v.square().sum()
assert.deepEqual(await jit(grad(loss))(x).array(), [2, 4, 6])
assert.equal(einsum('i,i->', x, x).item(), 14)
assert.equal(typeof adam(0.1).init, 'function')
assert.deepEqual(
  await solve(
    tensor([
      [2, 0],
      [0, 4],
    ]),
    tensor([2, 8]),
  ).array(),
  [1, 2],
)
assert.ok(Math.abs(erf(tensor(1)).item() - 0.8427008) < 1e-6)
assert.ok(Math.abs(normal(0, 1).logProb(tensor(0)).item() + 0.9189385) < 1e-6)
assert.equal(minimize(loss, x).converged.item(), 1)
assert.equal(solveSample(tensor([[0], [1]]), tensor([[3], [2]])).linearCost.item(), 4)
assert.equal(typeof checkGrads, 'function')
assert.equal(typeof blobs, 'function')

const compressed = await npz.read(new Response(npz.stream({ x }, { compress: true })))
assert.deepEqual(await compressed.x.array(), [1, 2, 3])
const opened = await safetensors.open(new Blob([await safetensors.write({ x })]))
assert.deepEqual(await (await opened.read('x')).array(), [1, 2, 3])
assert.deepEqual(await (await csv.readMatrix(await csv.write({ x }))).array(), [[1], [2], [3]])
