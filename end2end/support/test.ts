// What every journey starts from: `test` with a desk that is watched, and an API client.

import { test as base, expect, type Locator, type Page, type Route } from "@playwright/test";

import { Api, type Group, type Workspace } from "./api.ts";
import { OPERATORS, passwordOf, running, type Who } from "./running.ts";
import { Watch } from "./watch.ts";

export { expect };

/** What a browser says of itself when a form on one of our pages is sent. */
export const AS_OUR_PAGE = { accept: "text/html", "sec-fetch-site": "same-origin" };

/** The desk as a person meets it: by what is written on it. */
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

  /** The message that follows a change. */
  get done(): Locator {
    return this.main.getByRole("status").filter({ hasText: / (was|were|is|are) / });
  }

  /** The message that follows a refusal. */
  get refusal(): Locator {
    return this.main.getByRole("alert");
  }

  get picker(): Locator {
    return this.page.getByRole("combobox", { name: "Search workspaces by name or external id" });
  }

  get options(): Locator {
    return this.page.getByRole("listbox", { name: "Workspaces found" }).getByRole("option");
  }

  /** Goes to a page as this operator. Not by way of the sign-in page, which has journeys of its own. */
  async signIn(who: Who, path = "/groups"): Promise<void> {
    const form = { email: OPERATORS[who].email, password: passwordOf(who) };
    const answer = await this.page.request.post("/api/fn/sign-in", { headers: AS_OUR_PAGE, form, maxRedirects: 0 });
    expect(answer.headers()["location"], "where signing in leads").toMatch(/\/$/);
    await this.page.goto(path);
    await expect(this.page).toHaveURL(path);
  }

  /** Deletes the session's cookie. The page is left first, because it would go on asking for news. */
  async forgetSession(page = this.page): Promise<void> {
    await page.goto("about:blank");
    await page.context().clearCookies();
  }

  async fillSignIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel("E-mail address").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async openMenu(): Promise<void> {
    await this.page.getByRole("button", { name: "Your menu" }).click();
  }

  async signOut(): Promise<void> {
    await this.openMenu();
    await this.page.getByRole("button", { name: "Sign out", exact: true }).click();
  }

  /** Presses the keys until the palette opens, because its script runs some time after the page is there. Its field. */
  async openPalette(): Promise<Locator> {
    const field = this.page.getByRole("combobox", { name: "Go to a group, workspace, person or page" });
    await expect(async () => {
      await this.page.keyboard.press("Control+k");
      await expect(field).toBeFocused({ timeout: 2_000 });
    }).toPass({ timeout: 45_000 });
    return field;
  }

  async openGroup(group: Group, tab?: "removed" | "history"): Promise<void> {
    await this.page.goto(tab === undefined ? `/groups/${group.id}` : `/groups/${group.id}?tab=${tab}`);
    await expect(this.heading).toHaveText(group.name);
  }

  /** Lets somebody be quicker: this happens once the form is sent, and before the server has it. */
  async overtaken(operation: string, by: () => Promise<unknown>): Promise<void> {
    const overtake = async (route: Route): Promise<void> => {
      await by();
      await route.continue();
    };
    await this.page.route(`**/api/fn/${operation}`, overtake, { times: 1 });
  }

  async openTab(name: "Members" | "Removed" | "History"): Promise<void> {
    const tab = this.page.getByRole("navigation", { name: "Parts of this group" }).getByRole("link", { name });
    await tab.click();
    await expect(tab).toHaveAttribute("aria-current", "page");
  }

  tab(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Parts of this group" }).getByRole("link", { name, exact: true });
  }

  /** Types until the list follows: the script wakes up some time after the page is there. */
  async find(workspace: Workspace): Promise<Locator> {
    const option = this.options.filter({ hasText: workspace.externalId });
    await expect(async () => {
      await this.picker.fill(workspace.externalId);
      await expect(option).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 45_000 });
    return option;
  }

  /** The search of a browser without script. */
  async search(workspace: Workspace): Promise<Locator> {
    await this.picker.fill(workspace.externalId);
    await this.page.getByRole("button", { name: "Search" }).click();
    return this.page
      .getByRole("list", { name: "Workspaces found" })
      .getByRole("listitem")
      .filter({ hasText: workspace.externalId });
  }

  /** Enrolls on the group's page, in the way that this browser has. */
  async enroll(workspace: Workspace): Promise<void> {
    if (this.hasScript) {
      await (await this.find(workspace)).click();
    } else {
      await this.search(workspace);
      await this.page.getByRole("button", { name: `Enroll ${workspace.name}` }).click();
    }
  }

  /** The line of a table that is about this workspace. */
  row(workspace: Workspace): Locator {
    return this.page.getByRole("row").filter({ hasText: workspace.externalId });
  }

  /** What that line says of this, as its column is called. */
  cell(workspace: Workspace, column: string): Locator {
    return this.row(workspace).locator(`[data-label="${column}"]`);
  }

  /** What happened, newest first. */
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
      expect(watch.verdict(), "what the browser complained of").toEqual([]);
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
