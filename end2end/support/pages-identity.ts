// The states of the pages of operators, tokens, accounts and the administrative log.

import { randomUUID } from "node:crypto";

import { acceptInvitation, invite, openOperator } from "./operators.ts";
import type { PageState } from "./pages.ts";
import { type Desk, expect } from "./test.ts";

async function createToken(desk: Desk, name: string): Promise<void> {
  await desk.page.goto("/tokens/new");
  await desk.page.getByLabel("Name", { exact: true }).fill(name);
  await desk.page.getByRole("button", { name: "Create token" }).click();
  await expect(desk.done).toContainText("was created");
}

export const IDENTITY_STATES: PageState[] = [
  {
    name: "login-throttled",
    show: async (desk) => {
      desk.watch.expect(429, "/login");
      const email = `${randomUUID()}@example.com`;
      await desk.page.goto("/login");
      for (let attempt = 0; attempt < 11; attempt++) await desk.fillSignIn(email, "not the password of anybody");
      await expect(desk.refusal).toContainText(/Too many attempts\. Try again in (1 minute|\d+ seconds)\./);
    },
  },
  {
    name: "tokens",
    as: "ana",
    show: async (desk) => {
      await createToken(desk, `Nightly sync ${randomUUID()}`);
      await desk.main.getByRole("link", { name: /^Revoke/ }).first().click();
      await desk.page.getByRole("button", { name: "Revoke" }).click();
      await createToken(desk, "Importer");
      await desk.page.goto("/tokens");
    },
  },
  { name: "token-created", as: "ana", show: (desk) => createToken(desk, "Billing") },
  { name: "new-token", as: "ana", show: async ({ page }) => void (await page.goto("/tokens/new")) },
  {
    name: "new-token-refused",
    as: "ana",
    show: async (desk) => {
      await desk.page.goto("/tokens/new");
      await desk.page.getByLabel("Name", { exact: true }).fill("Importer");
      await desk.page.getByRole("checkbox", { name: "read" }).uncheck();
      await desk.page.getByRole("radio", { name: "After this day" }).check();
      await desk.page.getByRole("button", { name: "Create token" }).click();
      await expect(desk.refusal).toContainText("Choose at least one scope.");
    },
  },
  {
    name: "token-revocation",
    as: "ana",
    show: async (desk) => {
      await createToken(desk, `Old robot ${randomUUID()}`);
      await desk.main.getByRole("link", { name: /^Revoke Old robot/ }).first().click();
      await expect(desk.heading).toContainText("Revoke Old robot");
    },
  },
  {
    name: "tokens-support",
    as: "sam",
    show: async ({ page, watch }) => {
      watch.expect(403, "/tokens");
      await page.goto("/tokens");
    },
  },
  {
    name: "operators",
    as: "ana",
    show: async (desk) => {
      await invite(desk);
      const gone = await invite(desk, "admin");
      await openOperator(desk, gone);
      await desk.main.getByRole("link", { name: "Disable" }).click();
      await desk.page.getByRole("button", { name: "Disable" }).click();
      await expect(desk.done).toBeVisible();
      await desk.page.goto("/operators");
    },
  },
  { name: "operator-invited", as: "ana", show: async (desk) => void (await invite(desk)) },
  { name: "new-operator", as: "ana", show: async ({ page }) => void (await page.goto("/operators/new")) },
  { name: "operator", as: "ana", show: async (desk) => openOperator(desk, await invite(desk)) },
  {
    name: "operator-own",
    as: "ana",
    show: async (desk) => {
      await desk.page.goto("/operators");
      await desk.main.getByRole("link", { name: "Manage Ana Lima" }).click();
      await expect(desk.heading).toHaveText("Ana Lima");
    },
  },
  {
    name: "operator-disable",
    as: "ana",
    show: async (desk) => {
      await openOperator(desk, await invite(desk));
      await desk.main.getByRole("link", { name: "Disable" }).click();
      await expect(desk.heading).toContainText("Disable");
    },
  },
  {
    name: "account",
    as: "ana",
    show: async (desk) => {
      const kai = await invite(desk);
      await desk.clearSession();
      await acceptInvitation(desk.page, kai);
      await desk.clearSession();
      await desk.page.goto("/login");
      await desk.fillSignIn(kai.email, kai.password);
      await desk.page.goto("/account");
      await expect(desk.page.getByRole("button", { name: "Sign out all others" })).toBeVisible();
    },
  },
  {
    name: "account-refused",
    as: "sam",
    show: async (desk) => {
      await desk.page.goto("/account");
      await desk.page.getByLabel("Current password").fill("not the one");
      await desk.page.getByLabel("New password").fill("something else entirely");
      await desk.page.getByRole("button", { name: "Change password" }).click();
      await expect(desk.refusal).toBeVisible();
    },
  },
  { name: "admin-log", as: "ana", show: async ({ page }) => void (await page.goto("/audit/admin")) },
  {
    name: "admin-log-refused",
    as: "ana",
    show: async ({ page, watch }) => {
      watch.expect(400, "/audit/admin");
      await page.goto("/audit/admin?person=nobody@example.com&action=signed_in");
    },
  },
];
