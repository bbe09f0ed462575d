// @boundaries-ignore one configuration for all packages
import { projectConfig } from "../../vitest.config.base.ts";

export default projectConfig("@core/integrations-state");
