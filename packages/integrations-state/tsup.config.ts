// @boundaries-ignore one configuration for all packages
import { libraryConfig } from "../../tsup.config.base.ts";

export default libraryConfig({
  index: "src/index.ts",
  opentelemetry: "src/opentelemetry.ts",
  postgres: "src/postgres.ts",
  testing: "src/testing.ts",
});
