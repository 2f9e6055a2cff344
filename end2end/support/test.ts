// The fixtures of all journeys: a page object, a browser that is monitored for problems, and an API client.

import { test as base, expect, type Locator, type Page, type Route } from "@playwright/test";

import { Api, type Group, type Workspace } from "./api.ts";
import { type OperatorKey, OPERATORS, passwordOf, running } from "./running.ts";
import { Watch } from "./watch.ts";

export { expect };

/** The headers that a browser sends when a form on a page of the same origin is submitted. */
export const SAME_ORIGIN_HEADERS = { accept: "text/html", "sec-fetch-site": "same-origin" };

/** The page object. It finds elements by their roles and texts, as people do. */
export class Desk {
  constructor(
    readonly page: Page,
    readonly watch: Watch,
    readonly hasScript: boolean,
  ) {}

  get main(): Locator {
    return this.page.getByRole("main");
  }

  get heading(): Locator {
    return this.page.getByRole("heading", { level: 1 });
  }

  /** The confirmation after a change. */
  get done(): Locator {
    return this.main.getByRole("status").filter({ hasText: / (was|were|is|are) / });
  }

  /** The message about a refused change. */
  get refusal(): Locator {
    return this.main.getByRole("alert");
  }

  get picker(): Locator {
    return this.page.getByRole("combobox", { name: "Search workspaces by name or external id" });
  }

  get options(): Locator {
    return this.page.getByRole("listbox", { name: "Workspaces found" }).getByRole("option");
  }

  /** Signs in and opens a page. It does not use the sign-in page, which has its own journeys. */
  async signIn(operator: OperatorKey, path = "/groups"): Promise<void> {
    const form = { email: OPERATORS[operator].email, password: passwordOf(operator) };
    const options = { headers: SAME_ORIGIN_HEADERS, form, maxRedirects: 0 };
    const answer = await this.page.request.post("/api/fn/sign-in", options);
    expect(answer.headers()["location"], "the redirect after signing in").toMatch(/\/$/);
    await this.page.goto(path);
    await expect(this.page).toHaveURL(path);
  }

  /** Deletes the cookies. It leaves the page first, which would otherwise keep requesting change notifications. */
  async clearSession(page = this.page): Promise<void> {
    await page.goto("about:blank");
    await page.context().clearCookies();
  }

  async fillSignIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel("E-mail address").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Waits until the islands have started. */
  async scriptStarted(): Promise<void> {
    await expect(this.page.locator("html.has-script")).toBeVisible();
  }

  /** Follows a link of the menu "More". */
  async openMore(link: string): Promise<void> {
    await this.main.getByText("More", { exact: true }).click();
    await this.page.getByRole("link", { name: link }).click();
  }

  async openMenu(): Promise<void> {
    await this.page.getByRole("button", { name: "Your menu" }).click();
  }

  async signOut(): Promise<void> {
    await this.openMenu();
    await this.page.getByRole("button", { name: "Sign out", exact: true }).click();
  }

  /** Opens the palette and returns its field. The shortcut is repeated, because the script starts late. */
  async openPalette(): Promise<Locator> {
    const field = this.page.getByRole("combobox", { name: "Go to a group, workspace, person or page" });
    await expect(async () => {
      await this.page.keyboard.press("Control+k");
      await expect(field).toBeFocused({ timeout: 2_000 });
    }).toPass({ timeout: 45_000 });
    return field;
  }

  /** Searches from the bar: in the palette, which opens by a click on the field, or by its form without JavaScript. */
  async searchEverything(text: string): Promise<void> {
    const box = this.page.getByRole("searchbox", { name: "Search everything" });
    if (!this.hasScript) {
      await box.fill(text);
      return box.press("Enter");
    }
    const field = this.page.getByRole("combobox", { name: "Go to a group, workspace, person or page" });
    await expect(async () => {
      await box.click();
      await expect(field).toBeFocused({ timeout: 2_000 });
    }).toPass({ timeout: 45_000 });
    await field.fill(text);
  }

  async openGroup(group: Group, tab?: "removed" | "history"): Promise<void> {
    await this.page.goto(tab === undefined ? `/groups/${group.id}` : `/groups/${group.id}?tab=${tab}`);
    await expect(this.heading).toHaveText(group.name);
  }

  /** Runs the action after the page has sent its next request for this operation and before the server receives it. */
  async beforeRequest(operation: string, action: () => Promise<unknown>): Promise<void> {
    const delay = async (route: Route): Promise<void> => {
      await action();
      await route.continue();
    };
    await this.page.route(`**/api/fn/${operation}`, delay, { times: 1 });
  }

  async openTab(name: "Members" | "Removed" | "History"): Promise<void> {
    const tab = this.page.getByRole("navigation", { name: "Parts of this group" }).getByRole("link", { name });
    await tab.click();
    await expect(tab).toHaveAttribute("aria-current", "page");
  }

  tab(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Parts of this group" }).getByRole("link", { name, exact: true });
  }

  /** Returns the suggestion for a workspace. It types repeatedly, because the script starts after the page is shown. */
  async find(workspace: Workspace): Promise<Locator> {
    const option = this.options.filter({ hasText: workspace.externalId });
    await expect(async () => {
      await this.picker.fill(workspace.externalId);
      await expect(option).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 45_000 });
    return option;
  }

  /** Submits the search form, as without JavaScript, and returns the result for a workspace. */
  async search(workspace: Workspace): Promise<Locator> {
    await this.picker.fill(workspace.externalId);
    await this.page.getByRole("button", { name: "Search" }).click();
    return this.page
      .getByRole("list", { name: "Workspaces found" })
      .getByRole("listitem")
      .filter({ hasText: workspace.externalId });
  }

  /** Enrolls a workspace on the page of a group, with or without JavaScript. */
  async enroll(workspace: Workspace): Promise<void> {
    if (this.hasScript) {
      await (await this.find(workspace)).click();
    } else {
      await this.search(workspace);
      await this.page.getByRole("button", { name: `Enroll ${workspace.name}` }).click();
    }
  }

  /** The table row of a workspace. */
  row(workspace: Workspace): Locator {
    return this.page.getByRole("row").filter({ hasText: workspace.externalId });
  }

  /** The cell of a workspace in the column with this label. */
  cell(workspace: Workspace, column: string): Locator {
    return this.row(workspace).locator(`[data-label="${column}"]`);
  }

  /** The events, newest first. */
  get history(): Locator {
    return this.main.getByRole("listitem");
  }
}

interface Fixtures {
  desk: Desk;
  watch: Watch;
}

export const test = base.extend<Fixtures, { api: Api }>({
  baseURL: async ({}, use) => use(running().url),

  watch: [
    async ({ context, baseURL, javaScriptEnabled }, use) => {
      const watch = new Watch(context, baseURL ?? "", javaScriptEnabled);
      await watch.reportViolations(context);
      await use(watch);
      expect(watch.allProblems(), "the problems that the browser reported").toEqual([]);
    },
    { auto: true },
  ],

  desk: async ({ page, watch, javaScriptEnabled }, use) => use(new Desk(page, watch, javaScriptEnabled)),

  api: [
    async ({ playwright }, use) => {
      const { url, token } = running();
      const request = await playwright.request.newContext({ baseURL: url, extraHTTPHeaders: Api.headers(token) });
      await use(new Api(request));
      await request.dispose();
    },
    { scope: "worker" },
  ],
});
