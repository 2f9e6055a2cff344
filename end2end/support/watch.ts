// Records problems that no page may cause in any test: console errors, failed requests and requests to other hosts.

import type { BrowserContext, Response } from "@playwright/test";

export class Watch {
  private readonly problems: string[] = [];
  /** The response of the last navigation. */
  document: Response | undefined;
  /** Other origins that the pages may send requests to. */
  private readonly allowedOrigins: string[] = [];
  private mayBeOffline = false;
  private readonly expected: { status: number; path: string; seen: boolean }[] = [];

  constructor(context: BrowserContext, origin: string, hasScript: boolean) {
    context.on("console", (message) => {
      const isProblem = message.type() === "error" || message.type() === "warning";
      // The handler of responses, below, reports the status and the URL.
      const isStatus = message.text().startsWith("Failed to load resource: the server responded with a status of");
      // Without JavaScript, preloaded scripts are not used.
      const isUnused = !hasScript && message.text().includes("was preloaded using link preload but not used");
      const isOffline = this.mayBeOffline && message.text().includes("net::ERR_INTERNET_DISCONNECTED");
      if (isProblem && !isStatus && !isUnused && !isOffline) this.problems.push(`console ${message.type()}: ${message.text()}`);
    });
    context.on("weberror", (error) => this.problems.push(`page error: ${error.error()}`));
    context.on("request", (request) => {
      const url = new URL(request.url());
      const isAllowed = [origin, ...this.allowedOrigins].includes(url.origin) || url.protocol === "data:" || url.protocol === "blob:";
      if (!isAllowed) this.problems.push(`a request to another host: ${url.href}`);
    });
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      // Leaving a page cancels its pending requests.
      const isCancelled = reason === "net::ERR_ABORTED";
      // Chromium reports this for script requests when JavaScript is disabled.
      const isDisabled = !hasScript && reason === "csp" && request.resourceType() === "script";
      const isOffline = this.mayBeOffline && reason === "net::ERR_INTERNET_DISCONNECTED";
      if (!isCancelled && !isDisabled && !isOffline) this.problems.push(`request failed: ${request.url()} ${reason}`);
    });
    context.on("response", (response) => {
      const status = response.status();
      if (response.request().isNavigationRequest() && (status < 300 || status >= 400)) this.document = response;
      if (status < 400) return;
      // A live update may find that its resource has been removed.
      const isLiveUpdate = "x-groupdesk-live" in response.request().headers();
      if (isLiveUpdate && status === 404) return;
      const path = new URL(response.url()).pathname;
      const expected = this.expected.find((one) => one.status === status && one.path === path);
      if (expected) expected.seen = true;
      else this.problems.push(`${status}: ${response.request().method()} ${response.url()}`);
    });
  }

  /** Reports violations of the Content-Security-Policy on the console, because Chromium's own message may be missed. */
  async reportViolations(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`Content-Security-Policy: ${event.violatedDirective} blocked ${event.blockedURI}`);
      });
    });
  }

  /** Allows requests to another origin in this journey. */
  allowOrigin(origin: string): void {
    this.allowedOrigins.push(origin);
  }

  /** Allows requests to fail because this journey disconnects the browser. */
  allowOffline(): void {
    this.mayBeOffline = true;
  }

  /** Requires a response with this error status from this path, which is otherwise a problem. */
  expect(status: number, path: string): void {
    this.expected.push({ status, path, seen: false });
  }

  /** Returns the recorded problems, and the expected errors that did not occur. */
  allProblems(): string[] {
    const missing = this.expected.filter(({ seen }) => !seen);
    return [...this.problems, ...missing.map(({ path, status }) => `${path} never responded with ${status}`)];
  }
}
