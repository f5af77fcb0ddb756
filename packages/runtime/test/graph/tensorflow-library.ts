import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const native = join(import.meta.dirname, "../../../../.native");

/** TensorFlow's library where `npm run native` has put it. */
export const library = (existsSync(native) ? readdirSync(native) : [])
  .map((name) => join(native, name, "libtensorflow_cc.so.2"))
  .find(existsSync)!;
