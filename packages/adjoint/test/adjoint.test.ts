import { cpu as backend } from '@adjoint/backend-cpu'
import * as core from '@adjoint/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as adjoint from '../src/index.js'

afterEach(() => {
  core.setBackend(adjoint.cpu)
  core.setHostBackend(adjoint.cpu)
})

describe('adjoint', () => {
  it('makes the CPU backend the default, and the host', () => {
    expect(adjoint.cpu).toBe(backend)
    expect(adjoint.defaultBackend()).toBe(adjoint.cpu)
    expect(adjoint.hostBackend()).toBe(adjoint.cpu)
    expect(adjoint.ones([2]).add(1).backend.name).toBe('cpu')
  })

  it('is the core: the same functions', () => {
    expect(adjoint.add).toBe(core.add)
    expect(adjoint.grad).toBe(core.grad)
  })

  it('leaves a backend alone that was chosen before it was imported', async () => {
    core.setBackend(core.reference)
    vi.resetModules()
    await import('../src/index.js')
    expect(core.defaultBackend()).toBe(core.reference)
    expect(core.hostBackend()).toBe(adjoint.cpu)
  })
})
