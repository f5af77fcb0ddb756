import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "@x/core";

const here = createRequire(import.meta.url);

/** The path and version of a package as seen from the module that `from` belongs to. */
function packageOf(name: string, from: NodeJS.Require): { path: string; version: string } | undefined {
  try {
    const path = from.resolve(`${name}/package.json`);
    return { path, version: (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version };
  } catch {
    return undefined;
  }
}

/**
 * Imports the tfjs backend of that package name, which registers itself with tfjs.
 *
 * tfjs shares one engine among all copies of tfjs-core in a process, so several copies work together; of different
 * versions they do not, and the engine cannot tell. Therefore the versions on disk are compared.
 *
 * @param from - whose packages are searched; default: those of this one.
 * @returns the version of the package.
 * @throws BackendError when the package is absent, depends on another tfjs-core than ours, or fails to load.
 */
export async function importBackend(name: string, from: NodeJS.Require = here): Promise<string> {
  const backend = packageOf(name, from);
  if (backend === undefined) throw new BackendError(`${name} is not installed`);
  const core = packageOf("@tensorflow/tfjs-core", createRequire(backend.path));
  if (core !== undefined && core.version !== tf.version_core) {
    const ours = packageOf("@tensorflow/tfjs-core", here);
    throw new BackendError(
      `${name} brings tfjs-core ${core.version} (${core.path}), but tfjs-core ${tf.version_core} is loaded (${ours?.path}); install one version`,
    );
  }
  try {
    const entry = pathToFileURL(from.resolve(name)).href;
    await quietly(() => import(entry));
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    throw new BackendError(`${name} does not load: ${reason}`, { cause: error });
  }
  return backend.version;
}

/** Makes the engine that tfjs knows by `name` the current one. */
export async function activate(name: string): Promise<void> {
  const active = await quietly(async () => {
    const done = await tf.setBackend(name);
    if (done) tf.dispose(tf.scalar(0)); // the first use has its banner
    return done;
  });
  if (!active) throw new BackendError(`tfjs could not start its backend ${JSON.stringify(name)}`);
}

/**
 * Runs `load` without the banners and warnings of tfjs. Its flag for that also turns on a leak check that refuses custom
 * gradients which save intermediate values, so the flag is put back.
 */
async function quietly<T>(load: () => Promise<T>): Promise<T> {
  const before = tf.env().getBool("IS_TEST");
  tf.env().set("IS_TEST", true);
  try {
    return await load();
  } finally {
    tf.env().set("IS_TEST", before);
  }
}

/** Loads the plain JavaScript backend. */
export async function loadCpu(): Promise<string> {
  const version = await importBackend("@tensorflow/tfjs-backend-cpu");
  await activate("cpu");
  return `tfjs ${version}, plain JavaScript`;
}
