import { IntegrationError } from "./errors.ts";

/** The version of the contract that this package speaks. */
export const API_VERSION = 1;

/** The error of an integration that is written for another version of the contract. */
export function otherVersion(type: unknown, apiVersion: unknown): IntegrationError {
  return new IntegrationError({
    code: "INTEGRATION_API_VERSION",
    message: `Integration "${String(type)}" is written for version ${String(apiVersion)} of the contract, and this @core/registry speaks version ${API_VERSION}. Install a version of the integration for ${API_VERSION}.`,
    details: { type, apiVersion, supported: API_VERSION },
  });
}
