export { embeddedKafka } from "./broker.ts";
