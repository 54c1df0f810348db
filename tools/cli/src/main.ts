import { enableCompileCache } from "node:module";
import { compileCache } from "./layout.ts";

// Before anything large is loaded: from here on, modules that were compiled once are read.
enableCompileCache(compileCache);
const { main } = await import("./program.ts");
process.exitCode = await main(process.argv);
