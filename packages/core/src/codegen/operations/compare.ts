// What the scalar comparisons mean: for reference rules, and for kernels that are interpreted.

export const eq = (a: number, b: number) => Number(a === b)
export const lt = (a: number, b: number) => Number(a < b)
export const le = (a: number, b: number) => Number(a <= b)
