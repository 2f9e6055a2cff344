import { randomUUID } from "node:crypto";

import { running } from "../support/running.ts";
import { expect, test } from "../support/test.ts";

const NOT_FOUND = [
  ["an unknown address", () => "/no/such/page", "There is no page at this address."],
  ["the truncated address of a group", () => "/groups/1234", "There is no page at this address."],
  ["a group that does not exist", () => `/groups/${randomUUID()}`, "This group does not exist, or was archived."],
  ["the truncated address of a removal", () => "/enrollments/1234/remove", "There is no page at this address."],
  ["an unknown removal", () => `/enrollments/${randomUUID()}/remove`, "This enrollment does not exist."],
] as const;

for (const [name, address, message] of NOT_FOUND) {
  test(`${name} is not found, with a link to the groups`, async ({ page, desk }) => {
    await desk.signIn("sam");
    const path = address();
    desk.watch.expect(404, path);
    await page.goto(path);
    await expect(desk.heading).toHaveText("Not found");
    await expect(page).toHaveTitle("Not found · groupdesk");
    await expect(desk.main).toContainText(message);
    await page.getByRole("link", { name: "All groups" }).click();
    await expect(page).toHaveURL("/groups");
  });
}

test("an unknown invitation explains how to get a new one", async ({ page, desk }) => {
  const path = `/invite/${randomUUID()}`;
  desk.watch.expect(404, path);
  await page.goto(path);
  await expect(desk.refusal).toHaveText("This link has been used or has expired. Ask an admin for a new one.");
  await expect(desk.main.getByRole("textbox")).toHaveCount(0);
});

test("an invitation shows the name and refuses a short password", async ({ page, desk }) => {
  // The test must not accept the invitation, because both browser projects open the same one.
  await page.goto(running().invitation);
  await expect(desk.heading).toHaveText("Welcome, Kim Vega");
  await expect(page.getByLabel("E-mail address")).toHaveValue("kim@example.com");
  await page.getByLabel("Password").fill("x".repeat(2));
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(page).toHaveURL(running().invitation);
  await expect(desk.heading).toHaveText("Welcome, Kim Vega");
});
