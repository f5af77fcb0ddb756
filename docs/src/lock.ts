/** The part of package-lock.json that the check reads. */
export interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/**
 * What npm silently left out of a lock: optional dependencies (binaries of other platforms, mostly) that have no entry, or one of
 * another version. With such a lock `npm ci` fails on the platform concerned.
 */
export function missingOptional({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, range]) => {
        const version = resolve(packages, parent, name);
        return version === undefined || (/^\d/.test(range) && version !== range);
      })
      .map(([name, range]) => `${parent || "."} wants ${name}@${range}`),
  );
}

/** How many packages of the lock's `node_modules` have a name that begins like this. */
export function countOf({ packages }: Lock, prefix: string): number {
  return Object.keys(packages).filter((path) => path.startsWith(`node_modules/${prefix}`)).length;
}

/** The version that `name` has for the package at `parent`, by Node's way up the folders. */
function resolve(packages: Lock["packages"], parent: string, name: string): string | undefined {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const found = packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`];
    if (found) return found.version;
    if (at === "") return undefined;
  }
}
