// Starts the identity provider of provider.mjs.

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";

const CLIENT_ID = "groupdesk";

/** The name of the provider on the sign-in page. */
export const PROVIDER = "Example";

export class IdentityProvider {
  private constructor(
    private readonly child: ChildProcess,
    readonly issuer: string,
    /** The environment variables with which the server uses this provider. */
    readonly settings: NodeJS.ProcessEnv,
  ) {}

  static async start(): Promise<IdentityProvider> {
    const secret = randomBytes(24).toString("base64url");
    const script = join(import.meta.dirname, "provider.mjs");
    const child = spawn(process.execPath, [script, CLIENT_ID, secret], { stdio: ["pipe", "pipe", "ignore"] });
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith("{")) continue;
      const { issuer } = JSON.parse(line) as { issuer: string };
      const settings = {
        GROUPDESK_OIDC_ISSUER: issuer,
        GROUPDESK_OIDC_CLIENT_ID: CLIENT_ID,
        GROUPDESK_OIDC_CLIENT_SECRET: secret,
        GROUPDESK_OIDC_NAME: PROVIDER,
      };
      return new IdentityProvider(child, issuer, settings);
    }
    throw new Error("the identity provider did not start");
  }

  stop(): void {
    this.child.kill();
  }
}
