// Operators of a test's own: whose sessions it ends and whose passwords it changes is nobody that
// other tests are signed in as.

import { randomBytes, randomUUID } from "node:crypto";

import type { Browser, Page } from "@playwright/test";

import { type Desk, expect } from "./test.ts";

export interface Newcomer {
  email: string;
  name: string;
  password: string;
  /** The path of their one-time link. */
  link: string;
}

export type Role = "support" | "admin";

/** What stands in the field of a message that shows something once. */
export async function shownOnce(desk: Desk): Promise<string> {
  const field = desk.main.getByRole("status").getByRole("textbox");
  await expect(field).toHaveAttribute("readonly");
  return field.inputValue();
}

/** By the admin who is signed in there. */
export async function invite(desk: Desk, role: Role = "support"): Promise<Newcomer> {
  const short = randomUUID().slice(0, 8);
  const [name, email] = [`Kai ${short}`, `kai-${short}@example.com`];
  await desk.page.goto("/operators");
  await desk.main.getByRole("link", { name: "Invite" }).click();
  await desk.page.getByLabel("E-mail address").fill(email);
  await desk.page.getByLabel("Name", { exact: true }).fill(name);
  await desk.page.getByRole("radio", { name: role }).check();
  await desk.page.getByRole("button", { name: "Invite" }).click();
  await expect(desk.page).toHaveURL("/operators");
  await expect(desk.done).toContainText(`${name} was added.`);
  const link = new URL(await shownOnce(desk)).pathname;
  return { name, email, password: randomBytes(18).toString("base64url"), link };
}

/** Chooses the password and is in. */
export async function accept(page: Page, { link, name, password }: Newcomer): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Welcome, ${name}`);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(page.getByRole("banner")).toContainText(name);
}

/** Another browser of the same kind. */
export async function another(browser: Browser, desk: Desk): Promise<Page> {
  const baseURL = new URL(desk.page.url()).origin;
  const context = await browser.newContext({ baseURL, javaScriptEnabled: desk.hasScript, locale: "en-GB", timezoneId: "UTC" });
  return context.newPage();
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The line of the list of operators, or of the page of one, that leads to what can be done. */
export async function manage(desk: Desk, { name }: Newcomer): Promise<void> {
  await desk.page.goto("/operators");
  await desk.main.getByRole("link", { name: `Manage ${name}` }).click();
  await expect(desk.heading).toHaveText(name);
}
