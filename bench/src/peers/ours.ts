// Our side: eager on the CPU backend, where a tensor is ready when it is returned.
import type { Tensor } from 'adjoint'
import type { Program } from '../harness/api.js'

/** A program that makes one tensor and gives its memory back, as the peers' programs do. */
export function making(make: () => Tensor): Program {
  return { step: () => make().dispose(), result: () => make().data() }
}

/** A program that makes one tensor and leaves it to the garbage collector. */
export function dropping(make: () => Tensor): Program {
  return { step: make, result: () => make().data() }
}
