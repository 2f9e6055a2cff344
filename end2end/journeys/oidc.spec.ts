import { randomUUID } from "node:crypto";

import type { Page } from "@playwright/test";

import { PROVIDER } from "../support/identity.ts";
import { invite } from "../support/operators.ts";
import { running } from "../support/running.ts";
import { expect, test } from "../support/test.ts";

const LINK = { name: `Sign in with ${PROVIDER}` };

/** From the sign-in page to the provider's. */
async function toProvider(page: Page): Promise<void> {
  await page.getByRole("link", LINK).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Who are you?");
}

async function signInThere(page: Page, account: string): Promise<void> {
  await page.getByLabel("Account").fill(account);
  await page.getByRole("button", { name: "Continue" }).click();
}

test.beforeEach(({ watch }) => watch.visits(running().issuer));

test("somebody who was invited signs in by the provider, and never needs a password", async ({ page, desk, api }) => {
  const group = await api.group("Where Kai is going");
  await desk.signIn("ana");
  const kai = await invite(desk);
  await desk.signOut();

  await page.goto(`/groups/${group.id}?tab=history`);
  await expect(desk.heading).toHaveText("Sign in");
  await toProvider(page);
  await signInThere(page, kai.email.replace("@example.com", ""));
  await expect(page).toHaveURL(`/groups/${group.id}?tab=history`);
  await expect(page.getByRole("banner")).toContainText(kai.name);

  await page.goto("/account");
  await expect(desk.main).toContainText("Linked since");

  // The provider knows who it is by now, and does not ask again.
  await desk.signOut();
  await page.getByRole("link", LINK).click();
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("banner")).toContainText(kai.name);
});

test("an admin sees who is linked, and unlinks them", async ({ page, desk, browser }) => {
  await desk.signIn("ana");
  const kai = await invite(desk);
  const context = await browser.newContext({ baseURL: running().url, javaScriptEnabled: desk.hasScript });
  const theirs = await context.newPage();
  await theirs.goto("/login");
  await toProvider(theirs);
  await signInThere(theirs, kai.email.replace("@example.com", ""));
  await expect(theirs.getByRole("banner")).toContainText(kai.name);

  await page.goto("/operators");
  await desk.main.getByRole("link", { name: `Manage ${kai.name}` }).click();
  await expect(desk.main).toContainText("active");
  await expect(desk.main).toContainText("Linked since");
  await page.getByRole("button", { name: "Unlink" }).click();
  await expect(desk.done).toHaveText(`${kai.name} was unlinked and is signed out everywhere.`);
  await expect(page.getByRole("button", { name: "Unlink" })).toHaveCount(0);

  await theirs.goto("/groups");
  await expect(theirs).toHaveURL("/login?next=/groups");
  await context.close();
});

test("who is no operator is told so, and stays outside", async ({ page, desk, watch }) => {
  watch.expect(403, "/login");
  const account = `stranger-${randomUUID().slice(0, 8)}`;
  await page.goto("/groups");
  await toProvider(page);
  await signInThere(page, account);
  await expect(page).toHaveURL("/login?next=/groups");
  await expect(desk.refusal).toHaveText(`${account}@example.com is not an operator here. Ask an admin to invite you.`);
  await page.goto("/groups");
  await expect(desk.heading).toHaveText("Sign in");
});

test("who declines there is told here, and may sign in otherwise", async ({ page, desk, watch }) => {
  watch.expect(403, "/login");
  await page.goto("/groups");
  await toProvider(page);
  await page.getByRole("button", { name: "Decline" }).click();
  await expect(desk.refusal).toHaveText(`${PROVIDER} did not sign you in. Try again if that was not meant.`);
  await expect(page.getByLabel("E-mail address")).toBeVisible();
  await expect(page.getByRole("link", LINK)).toBeVisible();
});

test("an answer that nobody waits for signs nobody in", async ({ page, desk, watch }) => {
  watch.expect(400, "/login");
  await page.goto("/login/oidc/callback?code=invented&state=invented");
  await expect(page).toHaveURL("/login");
  await expect(desk.refusal).toHaveText(`This sign-in with ${PROVIDER} has expired or was used already. Begin it again.`);
});
