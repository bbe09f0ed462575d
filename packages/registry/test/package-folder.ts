import { fileURLToPath } from "node:url";

/** The folder of @core/registry, with a slash at its end. */
export const packageFolder: string = fileURLToPath(new URL("../", import.meta.url));

/** The folder that holds all packages. */
export const packagesFolder: string = fileURLToPath(new URL("../../", import.meta.url));
