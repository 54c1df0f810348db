// Its form on Consul
export { type ConsulRegistryOptions, consulRegistry } from "./consul/consul-registry.ts";
// What can go wrong
export { AddressNotAllowed, RegistryRefused, RegistryUnavailable } from "./errors.ts";
// Where instances may be
export {
  anywhere,
  assertAllowed,
  type Networks,
  networksOf,
} from "./networks.ts";
// One instance for one request
export { type PickedInstance, type Picker, type PickerOptions, picker, pickerRules } from "./picker.ts";
// The port
export type {
  CatalogEntry,
  InstanceList,
  Registration,
  Registry,
  ServiceInstance,
  ServiceWatch,
} from "./registry.ts";
