import type { Integration } from "@core/registry";
import { slack } from "@integration/slack";

/** The integrations that the server brings along. */
export const ownIntegrations: readonly Integration[] = [slack];
