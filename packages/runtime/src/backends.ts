import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
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
 * @returns the version of the package.
 * @throws BackendError when the package is absent, depends on another tfjs-core than ours, or fails to load.
 */
export async function importBackend(name: string): Promise<string> {
  const backend = packageOf(name, here);
  if (backend === undefined) throw new BackendError(`${name} is not installed`);
  const core = packageOf("@tensorflow/tfjs-core", createRequire(backend.path));
  if (core !== undefined && core.version !== tf.version_core) {
    const ours = packageOf("@tensorflow/tfjs-core", here);
    throw new BackendError(
      `${name} brings tfjs-core ${core.version} (${core.path}), but tfjs-core ${tf.version_core} is loaded (${ours?.path}); install one version`,
    );
  }
  try {
    // The start-up banners of tfjs; shape checks stay on, which PROD would drop.
    tf.env().set("IS_TEST", true);
    await import(name);
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    throw new BackendError(`${name} does not load: ${reason}`, { cause: error });
  }
  return backend.version;
}

/** Makes the engine that tfjs knows by `name` the current one. */
export async function activate(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new BackendError(`tfjs could not start its backend ${JSON.stringify(name)}`);
}

/** Loads the plain JavaScript backend. */
export async function loadCpu(): Promise<string> {
  const version = await importBackend("@tensorflow/tfjs-backend-cpu");
  await activate("cpu");
  return `tfjs ${version}, plain JavaScript`;
}
