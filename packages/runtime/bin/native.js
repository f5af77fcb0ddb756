#!/usr/bin/env node
// Puts TensorFlow under tfjs: builds the addon of @tensorflow/tfjs-node-gpu against the library of a TensorFlow wheel.
//
//   npm run native            in this repository
//   npx x-native              in a project that uses @x/runtime
//
// X_TENSORFLOW=DIR takes the library from DIR (the folder `tensorflow` of a Python environment, for example one with
// CUDA) instead of downloading it. Needs Linux, python3 with pip, make and g++. Running it again costs a second.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const addonPackage = "@tensorflow/tfjs-node-gpu";
const addonVersion = "4.22.0";
const tensorflowVersion = "2.21.0";
const libraries = {
  "libtensorflow_cc.so.2": "libtensorflow.so",
  "libtensorflow_framework.so.2": "libtensorflow_framework.so",
};

const project = process.cwd();
const store = join(project, ".native");

/** Ends with one line that says what is wrong. */
function fail(reason) {
  console.error(`native: ${reason}`);
  process.exit(1);
}

/** Runs a program to its end; what it prints is shown only when it fails. */
function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", cwd: project, ...options });
  const output = [stdout, stderr, error?.message].filter(Boolean).join("\n");
  return { ok: status === 0, stdout: stdout?.trim(), output: output.trim() };
}

function must(what, program, args, options) {
  console.log(`native: ${what}`);
  const { ok, output } = run(program, args, options);
  if (!ok) fail(`${what} failed\n${output.split("\n").slice(-30).join("\n")}`);
}

/** The folder of the addon's package as the project sees it. */
function findPackage() {
  try {
    return dirname(createRequire(join(project, "package.json")).resolve(`${addonPackage}/package.json`));
  } catch {
    return undefined;
  }
}

/** Multiplies two matrices with the addon in a process of its own; the line it prints names the TensorFlow. */
function product(folder) {
  const program = `
    const util = require("node:util");
    util.isNullOrUndefined ??= (value) => value == null;
    util.isArray ??= Array.isArray;
    const tf = require(${JSON.stringify(folder)});
    const [c] = tf.matMul([[2, 3]], [[5], [7]]).dataSync();
    if (c !== 31) throw new Error("2·5 + 3·7 came out as " + c);
    console.log("TensorFlow " + tf.backend().binding.TF_Version + (tf.backend().isUsingGpuDevice ? " on GPU" : " on CPU"));`;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  return run(process.execPath, ["--no-deprecation", "-e", program], { env });
}

function missingTools() {
  const probes = {
    python3: ["python3", "--version"],
    pip: ["python3", "-m", "pip", "--version"],
    make: ["make", "--version"],
    "g++": ["g++", "--version"],
  };
  return Object.keys(probes).filter((name) => !run(probes[name][0], probes[name].slice(1)).ok);
}

/** Downloads the wheel by name and keeps of it the two libraries and the C headers. */
function fetchTensorflow(target) {
  const work = join(store, "work");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  console.log(`native: downloading the wheel of TensorFlow ${tensorflowVersion}`);
  // The wheel only carries the library, so the Python it was made for need not be the one at hand.
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version=3.12"];
  let result;
  for (const name of ["tensorflow-cpu", "tensorflow"]) {
    result = run("python3", [...pip, `--dest=${work}`, `${name}==${tensorflowVersion}`]);
    if (result.ok) break;
  }
  if (!result.ok) {
    fail(`no wheel of TensorFlow ${tensorflowVersion} for this machine; set X_TENSORFLOW=DIR\n${result.output}`);
  }
  const [wheel] = readdirSync(work).filter((name) => name.endsWith(".whl"));
  const unpack = `
import re, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
wanted = re.compile(r"tensorflow/(lib[a-z_]+\\.so\\.2|include/(tensorflow/c|tensorflow/core/platform|xla/tsl|tsl)/.*\\.h)")
wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if wanted.fullmatch(name)])`;
  must("unpacking it", "python3", ["-c", unpack, join(work, wheel), work]);
  renameSync(join(work, "tensorflow"), target);
  rmSync(work, { recursive: true });
}

/** Makes `deps` of the package point to the library and headers in `tensorflow`. */
function link(folder, tensorflow) {
  const deps = join(folder, "deps");
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, "lib"), { recursive: true });
  symlinkSync(join(tensorflow, "include"), join(deps, "include"));
  for (const [file, name] of Object.entries(libraries)) {
    symlinkSync(join(tensorflow, file), join(deps, "lib", file));
    symlinkSync(file, join(deps, "lib", name));
  }
}

function linked(folder, tensorflow) {
  const [file] = Object.keys(libraries);
  const library = join(folder, "deps", "lib", file);
  return (
    existsSync(library) &&
    existsSync(join(tensorflow, file)) &&
    realpathSync(library) === realpathSync(join(tensorflow, file))
  );
}

/** The node-gyp inside the npm that runs this, else inside the global npm. */
function findNodeGyp() {
  const homes = [process.env.npm_execpath, join(run("npm", ["root", "-g"]).stdout, "npm", "package.json")];
  for (const home of homes.filter(Boolean)) {
    try {
      return createRequire(home).resolve("node-gyp/bin/node-gyp.js");
    } catch {}
  }
  return fail("npm carries no node-gyp here; run it through npm (npx x-native)");
}

function build(folder) {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const headers = existsSync(join(prefix, "include", "node", "node_api.h")) ? [`--nodedir=${prefix}`] : [];
  const { napi_versions: offered } = createRequire(import.meta.url)(join(folder, "package.json")).binary;
  const napi = Math.max(...offered.filter((version) => version <= Number(process.versions.napi)));
  const output = `lib/napi-v${napi}`;
  const definitions = [
    `-Dnapi_build_version=${napi}`,
    "-Dmodule_name=tfjs_binding",
    `-Dmodule_path=${join(folder, output)}`,
  ];
  must(
    "building the addon",
    process.execPath,
    [findNodeGyp(), "rebuild", "--jobs=max", ...headers, "--", ...definitions],
    { cwd: folder },
  );
  rmSync(join(folder, "build"), { recursive: true, force: true });
}

if (process.platform !== "linux")
  fail(`builds on Linux only, not on ${process.platform}; the wasm backend needs no build`);
const given = process.env.X_TENSORFLOW;
const tensorflow = given ? resolve(given) : join(store, `tensorflow-${tensorflowVersion}`);

function checkLibrary() {
  for (const file of [...Object.keys(libraries), "include/tensorflow/c/c_api.h"]) {
    if (!existsSync(join(tensorflow, file))) fail(`${tensorflow} has no ${file}`);
  }
}

if (given) checkLibrary();
let folder = findPackage();
let result = folder !== undefined && linked(folder, tensorflow) ? product(folder) : { ok: false };
if (!result.ok) {
  const missing = missingTools();
  if (missing.length > 0) fail(`missing: ${missing.join(", ")} (Debian: apt install python3-pip make g++)`);
  if (folder === undefined) {
    const what = `${addonPackage}@${addonVersion}`;
    const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", what];
    must(`installing ${what}`, "npm", args);
    folder = findPackage() ?? fail(`npm installed no ${addonPackage}`);
  }
  if (!given && !existsSync(tensorflow)) fetchTensorflow(tensorflow);
  checkLibrary();
  link(folder, tensorflow);
  build(folder);
  result = product(folder);
  if (!result.ok) fail(`the addon was built but does not work\n${result.output}`);
}
console.log(`native: ${result.stdout}, ${addonPackage} ready; X_BACKEND=native asks for it`);
