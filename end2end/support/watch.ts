// Listens to a browser for all that a page should never do, whatever the test looks at.

import type { BrowserContext, Response } from "@playwright/test";

export class Watch {
  private readonly troubles: string[] = [];
  /** The page that was sent last. */
  document: Response | undefined;
  /** Where the desk may lead beside itself. */
  private readonly others: string[] = [];
  private readonly expected: { status: number; path: string; seen: boolean }[] = [];

  constructor(context: BrowserContext, origin: string, hasScript: boolean) {
    context.on("console", (message) => {
      const isTrouble = message.type() === "error" || message.type() === "warning";
      // Told in full by the response itself, below.
      const isStatus = message.text().startsWith("Failed to load resource: the server responded with a status of");
      // Where script is off, what it would have loaded is not used.
      const isUnused = !hasScript && message.text().includes("was preloaded using link preload but not used");
      if (isTrouble && !isStatus && !isUnused) this.troubles.push(`console ${message.type()}: ${message.text()}`);
    });
    context.on("weberror", (error) => this.troubles.push(`page error: ${error.error()}`));
    context.on("request", (request) => {
      const url = new URL(request.url());
      const isOurs = [origin, ...this.others].includes(url.origin) || url.protocol === "data:" || url.protocol === "blob:";
      if (!isOurs) this.troubles.push(`a request to another host: ${url.href}`);
    });
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // A page that one leaves takes with it what it was still waiting for.
      const isLeft = why === "net::ERR_ABORTED";
      // How a browser whose script is off answers a page that asks for some.
      const isOff = !hasScript && why === "csp" && request.resourceType() === "script";
      if (!isLeft && !isOff) this.troubles.push(`request failed: ${request.url()} ${why}`);
    });
    context.on("response", (response) => {
      const status = response.status();
      if (response.request().isNavigationRequest() && (status < 300 || status >= 400)) this.document = response;
      if (status < 400) return;
      // A page that looks for news by itself may find that what it showed is gone by now.
      const looks = "x-groupdesk-live" in response.request().headers();
      if (looks && status === 404) return;
      const path = new URL(response.url()).pathname;
      const expected = this.expected.find((one) => one.status === status && one.path === path);
      if (expected) expected.seen = true;
      else this.troubles.push(`${status}: ${response.request().method()} ${response.url()}`);
    });
  }

  /** A violation of the Content-Security-Policy is an event first; Chromium's own line may be missed. */
  async reportViolations(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`Content-Security-Policy: ${event.violatedDirective} refuses ${event.blockedURI}`);
      });
    });
  }

  /** This journey leads to another site, too. */
  visits(origin: string): void {
    this.others.push(origin);
  }

  /** This address is to answer with this status, which is otherwise an error. */
  expect(status: number, path: string): void {
    this.expected.push({ status, path, seen: false });
  }

  verdict(): string[] {
    const missing = this.expected.filter((one) => !one.seen);
    return [...this.troubles, ...missing.map((one) => `${one.path} never answered with ${one.status}`)];
  }
}
