// The public interface of adjoint-ot.

export { type Streams, transportCommand } from './command.js'
