// The NPZ format of NumPy: a zip archive of NPY arrays by name.

export { type NpzOptions, open, read } from './read.js'
export { type NpzWriteOptions, stream, write } from './write.js'
