import { describe, expect, test } from 'vitest'
import { wrongImports } from '../checks/layers.mjs'

const problems = (name: string, specifier: string, declared: string[] = [specifier]) =>
  wrongImports(name, `import { x } from '${specifier}'\nexport const y = x`, declared)

describe('the direction of dependencies', () => {
  test('a technique may stand on optim and core', () => {
    expect(problems('@adjoint/ot', '@adjoint/optim')).toEqual([])
    expect(problems('@adjoint/ot', '@adjoint/core/einsum', ['@adjoint/core'])).toEqual([])
  })
  test('a technique may not import a backend, nor the front door, nor another technique', () => {
    for (const target of ['@adjoint/backend-cpu', 'adjoint', '@adjoint/bo']) {
      expect(problems('@adjoint/ot', target)).toHaveLength(1)
    }
  })
  test('a program may stand on the front door and its technique, and nothing on a program', () => {
    expect(problems('adjoint-ot', 'adjoint')).toEqual([])
    expect(problems('adjoint-ot', '@adjoint/ot')).toEqual([])
    expect(problems('adjoint-ot', '@adjoint/bo')).toHaveLength(1)
    expect(problems('@adjoint/ot', 'adjoint-ot')).toHaveLength(1)
  })
  test('optim and datasets may not import a backend', () => {
    expect(problems('@adjoint/optim', '@adjoint/backend-cpu')).toHaveLength(1)
    expect(problems('@adjoint/datasets', '@adjoint/backend-cpu')).toHaveLength(1)
  })
  test('a backend stands on core and on libraries, not on optim', () => {
    expect(problems('@adjoint/backend-tfjs', '@tensorflow/tfjs-core')).toEqual([])
    expect(problems('@adjoint/backend-tfjs', '@adjoint/optim')).toHaveLength(1)
  })
  test('core imports nothing, not even from Node', () => {
    expect(problems('@adjoint/core', 'node:fs')).toHaveLength(1)
    expect(problems('@adjoint/core', './tensor.js')).toEqual([])
  })
  test('what is imported is declared, dynamic imports too', () => {
    expect(problems('@adjoint/datasets', 'papaparse', [])).toHaveLength(1)
    expect(wrongImports('@adjoint/datasets', `export const load = () => import('papaparse')`, [])).toHaveLength(1)
  })
})
