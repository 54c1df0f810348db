export { type EventuallyOptions, eventually } from "./eventually.ts";
export {
  type ApiAnswer,
  type ApiRequest,
  type MeshOptions,
  type RunningMesh,
  type Runtime,
  startMesh,
} from "./mesh.ts";
export { freePorts, ownPorts, runWeft, weftProgram } from "./weft.ts";
