// Our side: eager on the CPU backend, where a tensor is ready when it is returned.
import type { Tensor } from 'adjoint'
import type { Program } from '../harness/api.js'

/** A program that makes one tensor. */
export function making(make: () => Tensor): Program {
  return { step: make, result: () => make().data() }
}
