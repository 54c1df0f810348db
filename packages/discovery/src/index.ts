// Its form on Consul
export { type ConsulRegistryOptions, consulRegistry } from "./consul/consul-registry.ts";
// What can go wrong
export { RegistryOptionsInvalid, RegistryRefused, RegistryUnavailable } from "./errors.ts";
// One instance for one request
export { type PickedInstance, type Picker, type PickerOptions, picker } from "./picker.ts";
// The port
export type {
  CatalogEntry,
  InstanceList,
  Registration,
  Registry,
  ServiceInstance,
  ServiceWatch,
} from "./registry.ts";
