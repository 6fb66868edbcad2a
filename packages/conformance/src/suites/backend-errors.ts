// What a backend must refuse, and that it is refused in the right words.

import { type Backend, type ErrorCode, isAdjointError, reference, type Tensor, tensor } from '@adjoint/core'
import { read, requireClose } from '../checks/close.js'
import { CheckFailure } from '../checks/failure.js'
import type { Subject } from './backend-primitives.js'
import { EVERY_DTYPE } from './capabilities.js'
import type { Check } from './check.js'

/** Requires an AdjointError with a code, thrown at once or on awaiting. @throws CheckFailure */
async function requireError(code: ErrorCode, subject: string, fn: () => unknown): Promise<void> {
  const hint = 'Errors are part of the interface: programs branch on their code'
  try {
    await fn()
  } catch (error) {
    if (isAdjointError(error) && error.code === code) return
    throw new CheckFailure({
      subject,
      check: `the error '${code}'`,
      found: `'${isAdjointError(error) ? error.code : String(error)}'`,
      hint,
    })
  }
  throw new CheckFailure({ subject, check: `the error '${code}'`, found: 'no error', hint })
}

/** The checks of reading, of refused dtypes and of misuse. */
export function errorChecks({ backend: make, capabilities }: Subject): Check[] {
  const check = (name: string, run: (backend: Backend) => Promise<void>): Check => ({
    name,
    run: async () => run(await make()),
  })
  const sum = (backend: Backend) => tensor([1, 2], { backend }).add(1)
  return [
    check('holds the dtypes it declares, and no others', async (backend) => {
      for (const dtype of EVERY_DTYPE) {
        if (capabilities.dtypes.includes(dtype)) {
          const x = tensor([0, 1, 1], { dtype, backend })
          requireClose(await read(x), await read(tensor([0, 1, 1], { dtype, backend: reference })), {
            subject: backend.name,
            check: `storing ${dtype}`,
            hint: 'Look at write and read',
            tolerance: 0,
          })
          x.dispose()
        } else {
          await requireError('dtype-unsupported', `${dtype} on '${backend.name}'`, () =>
            tensor([0], { dtype, backend }),
          )
          await requireError('dtype-unsupported', `a cast to ${dtype} on '${backend.name}'`, () =>
            sum(backend).cast(dtype),
          )
        }
      }
    }),
    check(
      capabilities.syncRead ? 'reads at once and later' : 'reads later, and refuses to read at once',
      async (backend) => {
        requireClose(
          await read(sum(backend)),
          { shape: [2], dtype: 'float32', data: new Float32Array([2, 3]) },
          { subject: backend.name, check: 'data()', hint: 'Look at read', tolerance: 0 },
        )
        if (!capabilities.syncRead)
          await requireError('sync-read', `dataSync() on '${backend.name}'`, () => sum(backend).dataSync())
        else
          requireClose({ shape: [2], dtype: 'float32', data: sum(backend).dataSync() }, await read(sum(backend)), {
            subject: backend.name,
            check: 'dataSync()',
            hint: 'Look at read',
            tolerance: 0,
          })
      },
    ),
    check('hands out copies: changing what was read changes no tensor', async (backend) => {
      const x = tensor([1, 2], { backend })
      const first = await x.data()
      first[0] = 99
      requireClose(
        await read(x),
        { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) },
        {
          subject: backend.name,
          check: 'immutability',
          hint: 'Read returns memory that the backend still uses',
          tolerance: 0,
        },
      )
    }),
    check('refuses tensors of another backend', async (backend) => {
      if (backend === reference) return
      await requireError('backend-mismatch', backend.name, () =>
        tensor([1], { backend }).add(tensor([1], { backend: reference })),
      )
    }),
    check('refuses shapes and dtypes that do not fit', async (backend) => {
      const x = sum(backend)
      await requireError('shape-mismatch', backend.name, () => x.add(tensor([1, 2, 3], { backend })))
      await requireError('dtype-mismatch', backend.name, () => x.add(tensor([1, 2], { dtype: 'int32', backend })))
    }),
    check('refuses released tensors, and keeps what shares their storage', async (backend) => {
      const x = tensor([1, 2], { backend })
      const view: Tensor = x.reshape([2, 1])
      x.dispose()
      x.dispose()
      requireClose(
        await read(view),
        { shape: [2, 1], dtype: 'float32', data: new Float32Array([1, 2]) },
        { subject: backend.name, check: 'a view of a released tensor', hint: 'Views count references', tolerance: 0 },
      )
      view.dispose()
      await requireError('released', backend.name, () => view.data())
      await requireError('released', backend.name, () => view.add(1))
    }),
  ]
}
