import { randomUUID } from "node:crypto";

import { readOneTimeValue } from "../support/operators.ts";
import { expect, test } from "../support/test.ts";

test("a token works until it is revoked", async ({ page, desk, request }) => {
  const name = `Sync ${randomUUID().slice(0, 8)}`;
  await desk.signIn("ana", "/tokens");
  await desk.main.getByRole("link", { name: "New token" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("checkbox", { name: "write" }).check();
  await page.getByRole("radio", { name: "No one (system)" }).check();
  await page.getByRole("radio", { name: "In 30 days" }).check();
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page).toHaveURL("/tokens");
  await expect(desk.done).toContainText(`${name} was created. Copy the token now`);
  const token = await readOneTimeValue(desk);
  await expect(page.getByRole("button", { name: "Copy" })).toHaveCount(desk.hasScript ? 1 : 0);

  const headers = { authorization: `Bearer ${token}`, accept: "application/vnd.api+json" };
  const read = () => request.get("/v1/workspace-groups?page[size]=1", { headers });
  expect((await read()).status()).toBe(200);

  await page.reload();
  await expect(desk.heading).toHaveText("API tokens");
  expect(await page.content()).not.toContain(token);
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("active");
  await expect(row).toContainText("read, write");

  await row.getByRole("link", { name: `Revoke ${name}` }).click();
  await expect(desk.heading).toHaveText(`Revoke ${name}?`);
  // The last use is written with a delay, together with that of other tokens.
  await expect(async () => {
    await page.reload();
    await expect(desk.main).toContainText(/Last used.* just now/, { timeout: 1000 });
  }).toPass();
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(desk.done).toHaveText(`${name} was revoked.`);
  await expect(row).toContainText("revoked");
  expect((await read()).status()).toBe(401);
});

test("a token for an unknown person is refused and keeps the input", async ({ page, desk }) => {
  await desk.signIn("ana", "/tokens/new");
  await expect(page.getByLabel("E-mail address of the person")).toHaveValue("ana@example.com");
  await page.getByLabel("Name", { exact: true }).fill("Robot");
  await page.getByLabel("E-mail address of the person").fill("nobody@example.com");
  await page.getByRole("radio", { name: "Never" }).check();
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(desk.refusal).toHaveText("No person has the e-mail address nobody@example.com.");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Robot");
  await expect(page.getByRole("radio", { name: "Never" })).toBeChecked();
  await expect(page.getByRole("checkbox", { name: "read" })).toBeChecked();
});
