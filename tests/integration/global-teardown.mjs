export { default } from "./src/run/global-teardown.ts";
