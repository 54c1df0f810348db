// Plain JavaScript, so that jest imports it as it is; Node then reads the types away from the rest.
export { default } from "./src/run/global-setup.ts";
