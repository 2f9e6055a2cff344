import { randomUUID } from "node:crypto";

import { running } from "../support/running.ts";
import { expect, test } from "../support/test.ts";

const LOST = [
  ["an address that leads nowhere", () => "/no/such/page", "There is no page at this address."],
  ["a group's address that was cut short", () => "/groups/1234", "There is no page at this address."],
  ["a group that does not exist", () => `/groups/${randomUUID()}`, "This group does not exist, or was removed."],
  ["a removal's address that was cut short", () => "/enrollments/1234/remove", "There is no page at this address."],
  ["the removal of nothing", () => `/enrollments/${randomUUID()}/remove`, "This enrollment does not exist."],
] as const;

for (const [name, address, told] of LOST) {
  test(`${name} is not found, and one finds back`, async ({ page, desk }) => {
    await desk.signIn("sam");
    const path = address();
    desk.watch.expect(404, path);
    await page.goto(path);
    await expect(desk.heading).toHaveText("Not found");
    await expect(page).toHaveTitle("Not found · groupdesk");
    await expect(desk.main).toContainText(told);
    await page.getByRole("link", { name: "All groups" }).click();
    await expect(page).toHaveURL("/groups");
  });
}

test("an old or mistyped invitation says what to do", async ({ page, desk }) => {
  const path = `/invite/${randomUUID()}`;
  desk.watch.expect(404, path);
  await page.goto(path);
  await expect(desk.refusal).toHaveText("This link has been used or has expired. Ask an admin for a new one.");
  await expect(desk.main.getByRole("textbox")).toHaveCount(0);
});

test("an invitation greets by name and refuses a password that is too short", async ({ page, desk }) => {
  // Not used up here: it is one, and both browsers come to it.
  await page.goto(running().invitation);
  await expect(desk.heading).toHaveText("Welcome, Kim Vega");
  await expect(page.getByLabel("E-mail address")).toHaveValue("kim@example.com");
  await page.getByLabel("Password").fill("x".repeat(2));
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(page).toHaveURL(running().invitation);
  await expect(desk.heading).toHaveText("Welcome, Kim Vega");
});
