// The gradient of a small function at 10,000 points at once: vmap of grad, compiled where the library can.
import { grad, jit, type Tensor, tensor, vmap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { numpyScript } from '../../peers/python.js'

const count = 10_000
const points = numbers(1, 4 * count)

export const vmapped: Case = {
  name: 'vmap-grad-10k',
  tolerance: 1e-3,
  ours: () => {
    const slope = jit(vmap(grad((x: Tensor) => x.square().sum().exp().mul(x.sin().sum()))))
    const x = tensor(points, { shape: [count, 4] })
    return making(() => slope(x))
  },
  peers: {
    ...jaxjs(({ grad: jaxGrad, jit: jaxJit, numpy, vmap: jaxVmap }) => {
      type Value = InstanceType<typeof numpy.Array>
      const f = (x: Value) => numpy.exp(numpy.sum(numpy.square(x.ref))).mul(numpy.sum(numpy.sin(x)))
      const slope = jaxJit(jaxVmap(jaxGrad(f)))
      const x = numpy.array(points, { shape: [count, 4] })
      return onJax(() => slope(x.ref) as Value)
    }),
    ...numpyScript({
      file: 'suites/core/arrays.py',
      setup: 'vmap_grad',
      inputs: { x: { data: points, shape: [count, 4] } },
    }),
  },
}
