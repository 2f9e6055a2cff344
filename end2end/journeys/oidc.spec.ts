import { randomUUID } from "node:crypto";

import type { Page } from "@playwright/test";

import { PROVIDER } from "../support/identity.ts";
import { invite } from "../support/operators.ts";
import { running } from "../support/running.ts";
import { expect, test } from "../support/test.ts";

const LINK = { name: `Sign in with ${PROVIDER}` };

/** Follows the link from the sign-in page to the provider. */
async function openProvider(page: Page): Promise<void> {
  await page.getByRole("link", LINK).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Who are you?");
}

async function signInAtProvider(page: Page, account: string): Promise<void> {
  await page.getByLabel("Account").fill(account);
  await page.getByRole("button", { name: "Continue" }).click();
}

test.beforeEach(({ watch }) => watch.allowOrigin(running().issuer));

test("an invited operator signs in through the provider without a password", async ({ page, desk, api }) => {
  const group = await api.group("Where Kai is going");
  await desk.signIn("ana");
  const kai = await invite(desk);
  await desk.signOut();

  await page.goto(`/groups/${group.id}?tab=history`);
  await expect(desk.heading).toHaveText("Sign in");
  await openProvider(page);
  await signInAtProvider(page, kai.email.replace("@example.com", ""));
  await expect(page).toHaveURL(`/groups/${group.id}?tab=history`);
  await expect(page.getByRole("banner")).toContainText(kai.name);

  await page.goto("/account");
  await expect(desk.main).toContainText("Linked since");

  // The session at the provider still exists, so the provider does not ask again.
  await desk.signOut();
  await page.getByRole("link", LINK).click();
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("banner")).toContainText(kai.name);
});

test("an admin unlinks the identity of an operator", async ({ page, desk, browser }) => {
  await desk.signIn("ana");
  const kai = await invite(desk);
  const context = await browser.newContext({ baseURL: running().url, javaScriptEnabled: desk.hasScript });
  const kaisPage = await context.newPage();
  await kaisPage.goto("/login");
  await openProvider(kaisPage);
  await signInAtProvider(kaisPage, kai.email.replace("@example.com", ""));
  await expect(kaisPage.getByRole("banner")).toContainText(kai.name);

  await page.goto("/operators");
  await desk.main.getByRole("link", { name: `Manage ${kai.name}` }).click();
  await expect(desk.main).toContainText("active");
  await expect(desk.main).toContainText("Linked since");
  await page.getByRole("button", { name: "Unlink" }).click();
  await expect(desk.done).toHaveText(`${kai.name} was unlinked and signed out everywhere.`);
  await expect(page.getByRole("button", { name: "Unlink" })).toHaveCount(0);

  await kaisPage.goto("/groups");
  await expect(kaisPage).toHaveURL("/login?next=/groups");
  await context.close();
});

test("an account that is not an operator is refused with a reason", async ({ page, desk, watch }) => {
  watch.expect(403, "/login");
  const account = `unlinked-${randomUUID().slice(0, 8)}`;
  await page.goto("/groups");
  await openProvider(page);
  await signInAtProvider(page, account);
  await expect(page).toHaveURL("/login?next=/groups");
  await expect(desk.refusal).toHaveText(`${account}@example.com cannot sign in here. Ask an admin for access.`);
  await page.goto("/groups");
  await expect(desk.heading).toHaveText("Sign in");
});

test("declining at the provider leaves the other ways to sign in", async ({ page, desk, watch }) => {
  watch.expect(403, "/login");
  await page.goto("/groups");
  await openProvider(page);
  await page.getByRole("button", { name: "Decline" }).click();
  await expect(desk.refusal).toHaveText(
    `${PROVIDER} did not sign you in: the sign-in was cancelled or refused there. Start again, or ask an admin.`,
  );
  await expect(page.getByLabel("E-mail address")).toBeVisible();
  await expect(page.getByRole("link", LINK)).toBeVisible();
});

test("a callback without a pending sign-in is refused", async ({ page, desk, watch }) => {
  watch.expect(400, "/login");
  await page.goto("/login/oidc/callback?code=invented&state=invented");
  await expect(page).toHaveURL("/login");
  await expect(desk.refusal).toHaveText(`This sign-in with ${PROVIDER} has expired or was already used. Start again.`);
});
