// Offset tables: where the elements of some axes lie, whatever their strides.

/** Offsets of all index combinations of some axes, row by row. */
export function offsetsOf(lengths: readonly number[], strides: readonly number[]): Int32Array {
  let table = new Int32Array(1)
  for (let axis = 0; axis < lengths.length; axis++) {
    const n = lengths[axis]
    const wider = new Int32Array(table.length * n)
    for (let i = 0, at = 0; i < table.length; i++) {
      for (let j = 0; j < n; j++) wider[at++] = table[i] + j * strides[axis]
    }
    table = wider
  }
  return table
}

/** Whether the offsets are `0, 1, 2, ...`: the elements are neighbours. */
export function isContiguous(table: Int32Array): boolean {
  for (let i = 0; i < table.length; i++) if (table[i] !== i) return false
  return true
}
