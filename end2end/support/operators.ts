// Operators that belong to one test, which can end their sessions and change their passwords without affecting other
// tests.

import { randomBytes, randomUUID } from "node:crypto";

import type { Browser, Page } from "@playwright/test";

import { type Desk, expect } from "./test.ts";

export interface InvitedOperator {
  email: string;
  name: string;
  password: string;
  /** The path of the sign-in link. */
  link: string;
}

export type Role = "support" | "admin";

/** Reads the token or link that a message shows once. */
export async function readOneTimeValue(desk: Desk): Promise<string> {
  const field = desk.main.getByRole("status").getByRole("textbox");
  await expect(field).toHaveAttribute("readonly");
  return field.inputValue();
}

/** Invites an operator as the admin who is signed in. */
export async function invite(desk: Desk, role: Role = "support"): Promise<InvitedOperator> {
  const suffix = randomUUID().slice(0, 8);
  const [name, email] = [`Kai ${suffix}`, `kai-${suffix}@example.com`];
  await desk.page.goto("/operators");
  await desk.main.getByRole("link", { name: "Invite" }).click();
  await desk.page.getByLabel("E-mail address").fill(email);
  await desk.page.getByLabel("Name", { exact: true }).fill(name);
  await desk.page.getByRole("radio", { name: role }).check();
  await desk.page.getByRole("button", { name: "Invite" }).click();
  await expect(desk.page).toHaveURL("/operators");
  await expect(desk.done).toContainText(`${name} was added.`);
  const link = new URL(await readOneTimeValue(desk)).pathname;
  return { name, email, password: randomBytes(18).toString("base64url"), link };
}

/** Opens the sign-in link and sets the password, which signs the operator in. */
export async function acceptInvitation(page: Page, { link, name, password }: InvitedOperator): Promise<void> {
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Welcome, ${name}`);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(page.getByRole("banner")).toContainText(name);
}

/** Opens a page in another browser context with the same JavaScript setting. */
export async function openOtherBrowser(browser: Browser, desk: Desk): Promise<Page> {
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

/** Opens the page on which an operator is managed. */
export async function openOperator(desk: Desk, { name }: InvitedOperator): Promise<void> {
  await desk.page.goto("/operators");
  await desk.main.getByRole("link", { name: `Manage ${name}` }).click();
  await expect(desk.heading).toHaveText(name);
}
