import { projectConfig } from "../../vitest.config.base.ts";

export default projectConfig("@core/outbound");
