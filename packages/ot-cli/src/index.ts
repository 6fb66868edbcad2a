// The public interface of adjoint-ot.

export { type Streams, transportCommand, type Writer } from './command.js'
